/** What the views of one tab, or of all tabs together, want to know. */
export interface Wants {
  /** Size of the window; 0 for none. */
  limit: number;
  everyone: boolean;
  friends: boolean;
  /** Single people, wherever they stand in the list. */
  ids: readonly string[];
}

/** Whom a view follows: single people, the viewer's friends, or all. */
export type Followed = readonly string[] | 'everyone' | 'friends';

export const NO_WANTS: Wants = { limit: 0, everyone: false, friends: false, ids: [] };

/** The server keeps windows of at most this many people. */
export const MAX_WINDOW = 200;

/** Counts who watches what in this tab, so that one view going away takes nothing from another. */
export interface WantsBook {
  watchOnline(limit: number): () => void;
  follow(whom: Followed): () => void;
  readonly wants: Wants;
  isFollowed(id: string): boolean;
}

export function createWantsBook(onChange: (wants: Wants, before: Wants) => void): WantsBook {
  const limits = new Map<symbol, number>();
  const followed = new Map<symbol, Followed>();
  const ids = new Map<string, number>();
  let wants = NO_WANTS;

  function changed(): void {
    const before = wants;
    const all = [...followed.values()];
    wants = {
      limit: Math.max(0, ...limits.values()),
      everyone: all.includes('everyone'),
      friends: all.includes('friends'),
      ids: [...ids.keys()],
    };
    if (JSON.stringify(wants) !== JSON.stringify(before)) onChange(wants, before);
  }

  function count(whom: Followed, by: 1 | -1): void {
    if (typeof whom === 'string') return;
    for (const id of whom) {
      const left = (ids.get(id) ?? 0) + by;
      if (left > 0) ids.set(id, left);
      else ids.delete(id);
    }
  }

  return {
    watchOnline(limit) {
      const key = Symbol();
      limits.set(key, Math.min(Math.max(1, Math.floor(limit)), MAX_WINDOW));
      changed();
      return () => {
        if (limits.delete(key)) changed();
      };
    },
    follow(whom) {
      const key = Symbol();
      followed.set(key, whom);
      count(whom, 1);
      changed();
      return () => {
        if (!followed.delete(key)) return;
        count(whom, -1);
        changed();
      };
    },
    get wants() {
      return wants;
    },
    isFollowed: (id) => ids.has(id),
  };
}

/** Whether something that was wanted is wanted no longer. */
export function isLess(wants: Wants, before: Wants): boolean {
  return (
    wants.limit < before.limit ||
    wants.everyone < before.everyone ||
    wants.friends < before.friends ||
    wants.ids.length < before.ids.length
  );
}

export function mergeWants(all: readonly Wants[]): Wants {
  return {
    limit: Math.max(0, ...all.map((wants) => wants.limit)),
    everyone: all.some((wants) => wants.everyone),
    friends: all.some((wants) => wants.friends),
    ids: [...new Set(all.flatMap((wants) => wants.ids))],
  };
}
