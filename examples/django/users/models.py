"""People, who their friends are, and whom they block."""

import uuid

from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    slug = models.SlugField(max_length=160, unique=True)
    profile_image_url = models.URLField(null=True, blank=True)
    # Written by Hereabouts.
    is_online = models.BooleanField(default=False, db_index=True, editable=False)
    last_seen = models.DateTimeField(null=True, blank=True, db_index=True, editable=False)
    last_activity = models.DateTimeField(null=True, blank=True, editable=False)


class Friends(models.Model):
    """One row makes the two friends."""

    user = models.ForeignKey(User, models.CASCADE, related_name="friendships")
    friend = models.ForeignKey(User, models.CASCADE, related_name="+")

    class Meta:
        db_table = "users_friends"
        constraints = [models.UniqueConstraint(fields=["user", "friend"], name="users_friends_once")]


class BlockedUsers(models.Model):
    user = models.ForeignKey(User, models.CASCADE, related_name="blocks")
    blocked_user = models.ForeignKey(User, models.CASCADE, related_name="+")

    class Meta:
        db_table = "users_blockedusers"
        constraints = [models.UniqueConstraint(fields=["user", "blocked_user"], name="users_blocked_once")]
