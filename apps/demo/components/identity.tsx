'use client';

import { useAuth } from 'hereabouts/react';
import { useEffect, useRef } from 'react';
import { avatarOf, PEOPLE } from '@/lib/people';
import { useDemoSignIn } from '@/lib/use-demo-sign-in';
import { useMe } from '@/lib/use-me';

/** Who this window is, and the menu to be somebody else or nobody. */
export function Identity() {
  const { logout } = useAuth();
  const me = useMe();
  const { signInAs, pendingSlug, error } = useDemoSignIn();
  const menu = useRef<HTMLDetailsElement>(null);
  useClosing(menu);

  if (!me) return null;

  const close = () => menu.current?.removeAttribute('open');
  async function become(slug: string) {
    if (await signInAs(slug)) close();
  }

  return (
    <details className="identity" ref={menu}>
      <summary aria-label={`This window is ${me.username}. Change`}>
        {me.profile_image_url && <img src={me.profile_image_url} alt="" width={32} height={32} />}
        <span className="identity-name">{me.username}</span>
      </summary>
      <div className="identity-menu">
        <p>Be somebody else in this window</p>
        <ul>
          {PEOPLE.map((person) => (
            <li key={person.slug}>
              <button
                type="button"
                aria-label={person.username}
                aria-pressed={person.slug === me.slug}
                disabled={pendingSlug !== null}
                onClick={() => become(person.slug)}
              >
                <img src={avatarOf(person.slug)} alt="" width={40} height={40} />
              </button>
            </li>
          ))}
        </ul>
        {error && <p role="alert">{error}</p>}
        <button
          type="button"
          className="button button-quiet"
          onClick={() => {
            close();
            logout();
          }}
        >
          Sign out
        </button>
      </div>
    </details>
  );
}

/** Closes the menu on Escape (the focus goes back to its button) and on a press outside. */
function useClosing(menu: React.RefObject<HTMLDetailsElement | null>) {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== 'Escape' || !menu.current?.open) return;
      menu.current.open = false;
      menu.current.querySelector('summary')?.focus();
    };
    const onPress = (event: PointerEvent) => {
      if (menu.current?.open && !menu.current.contains(event.target as Node)) menu.current.open = false;
    };
    document.addEventListener('keydown', onKey);
    document.addEventListener('pointerdown', onPress);
    return () => {
      document.removeEventListener('keydown', onKey);
      document.removeEventListener('pointerdown', onPress);
    };
  }, [menu]);
}
