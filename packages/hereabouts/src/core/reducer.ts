import { pictureUrl } from './addresses';
import type { Change, OnlineUser, Presence } from './protocol';
import type { PresenceUser } from './types';

/**
 * The people of one subscription. Immutable: applying what changes nothing gives the same object back, and a
 * person who did not change is the same object too, so that their row does not render.
 */
export interface Roster {
  readonly byId: ReadonlyMap<string, PresenceUser>;
  /** By `since`, then id, as the server orders them. */
  readonly ordered: readonly PresenceUser[];
  readonly total: number;
  /** Versions of people who left since the last cursor: a resume may repeat what we know already. */
  readonly departed: ReadonlyMap<string, number>;
}

export const EMPTY_ROSTER: Roster = { byId: new Map(), ordered: [], total: 0, departed: new Map() };

/** The whole state of a scope: replaces what was known, whatever its version (a restarted server counts anew). */
export function applySnapshot(
  roster: Roster,
  users: readonly Presence[],
  total: number,
  pictures: string,
): Roster {
  const byId = new Map<string, PresenceUser>();
  for (const presence of users) {
    byId.set(presence.user_id, fromPresence(presence, roster.byId.get(presence.user_id), pictures));
  }
  return rebuilt(roster, byId, total, Infinity, new Map());
}

/**
 * What changed. A change counts only when its version is not older than what is known. `keep` says whose entry
 * stays when they go offline; `limit` is the size of a window.
 */
export function applyDiff(
  roster: Roster,
  changes: readonly Change[],
  total: number,
  pictures: string,
  { limit = Infinity, keep = never }: { limit?: number; keep?: (id: string) => boolean } = {},
): Roster {
  const byId = new Map(roster.byId);
  const departed = new Map(roster.departed);
  for (const change of changes) {
    const id = change.user_id;
    const known = byId.get(id);
    if (change.version < (known?.version ?? departed.get(id) ?? 0)) continue;
    if (change.is_online || keep(id)) byId.set(id, fromPresence(change, known, pictures));
    else byId.delete(id);
    if (change.is_online) departed.delete(id);
    else departed.set(id, change.version);
  }
  return rebuilt(roster, byId, total, limit, departed);
}

/** The list as REST gives it: in the server's order, without `since` and `version`. */
export function applyRows(
  roster: Roster,
  rows: readonly OnlineUser[],
  total: number,
  pictures: string,
): Roster {
  const byId = new Map<string, PresenceUser>();
  for (const row of rows) byId.set(row.id, fromRow(row, roster.byId.get(row.id), pictures));
  const ordered = [...byId.values()];
  return finish(roster, byId, ordered, total, roster.departed);
}

/** Adds what only the list knows (slug, last activity) to people the socket told us of; adds and removes nobody. */
export function enrich(roster: Roster, rows: readonly OnlineUser[]): Roster {
  const byId = new Map(roster.byId);
  for (const row of rows) {
    const known = byId.get(row.id);
    if (known?.is_online) {
      const { slug, last_activity, last_seen } = row;
      byId.set(row.id, same(known, { ...known, slug, last_activity, last_seen }));
    }
  }
  return finish(
    roster,
    byId,
    roster.ordered.map((user) => byId.get(user.id) ?? user),
    roster.total,
    roster.departed,
  );
}

/** After a new cursor nothing older can be repeated. */
export function forgetDeparted(roster: Roster): Roster {
  return roster.departed.size === 0 ? roster : { ...roster, departed: new Map() };
}

/** One row of a REST list as a person: what only the socket tells stays as it was known. */
export function fromRow(row: OnlineUser, known: PresenceUser | undefined, pictures: string): PresenceUser {
  const isKnown = known?.is_online === row.is_online;
  return same(known, {
    status: row.is_online ? 'online' : 'offline',
    since: null,
    custom_status: null,
    version: known?.version ?? 0,
    ...(isKnown && known),
    ...row,
    profile_image_url: pictureUrl(row.profile_image_url, pictures),
  });
}

/** A person as the socket tells of them: what only a list tells stays as it was known. */
export function fromPresence(
  presence: Presence,
  known: PresenceUser | undefined,
  pictures: string,
): PresenceUser {
  const { user_id, username, profile_image_url, is_online, status, since, last_seen, version } = presence;
  return same(known, {
    slug: '',
    last_activity: null,
    ...known,
    id: user_id,
    username,
    profile_image_url: pictureUrl(profile_image_url, pictures),
    is_online,
    status,
    since,
    // While somebody is here, v1 leaves `last_seen` out; what the list said of them stays good.
    last_seen: last_seen ?? (is_online && known?.is_online ? known.last_seen : null),
    custom_status: presence.custom_status ?? null,
    version,
  });
}

function rebuilt(
  roster: Roster,
  byId: Map<string, PresenceUser>,
  total: number,
  limit: number,
  departed: ReadonlyMap<string, number>,
): Roster {
  const ordered = [...byId.values()].filter((user) => user.is_online).sort(bySince);
  for (const outside of ordered.splice(Math.min(limit, ordered.length))) byId.delete(outside.id);
  return finish(roster, byId, ordered, total, departed);
}

function finish(
  roster: Roster,
  byId: ReadonlyMap<string, PresenceUser>,
  ordered: readonly PresenceUser[],
  total: number,
  departed: ReadonlyMap<string, number>,
): Roster {
  const sameOrder = sameItems(ordered, roster.ordered);
  const samePeople =
    byId.size === roster.byId.size && [...byId].every(([id, user]) => roster.byId.get(id) === user);
  if (
    sameOrder &&
    samePeople &&
    total === roster.total &&
    departed.size === 0 &&
    roster.departed.size === 0
  ) {
    return roster;
  }
  return {
    byId: samePeople ? roster.byId : byId,
    ordered: sameOrder ? roster.ordered : ordered,
    total,
    departed,
  };
}

/** Fixed-width times and ids compare as text; people without `since` (from the list alone) stay behind. */
function bySince(a: PresenceUser, b: PresenceUser): number {
  const left = a.since ?? '\uffff';
  const right = b.since ?? '\uffff';
  if (left !== right) return left < right ? -1 : 1;
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}

function same(known: PresenceUser | undefined, next: PresenceUser): PresenceUser {
  if (!known) return next;
  for (const key of Object.keys(next) as (keyof PresenceUser)[]) {
    const equal =
      key === 'custom_status'
        ? JSON.stringify(known.custom_status) === JSON.stringify(next.custom_status)
        : known[key] === next[key];
    if (!equal) return next;
  }
  return known;
}

export function sameItems<Item>(a: readonly Item[], b: readonly Item[]): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index]);
}

function never(): boolean {
  return false;
}
