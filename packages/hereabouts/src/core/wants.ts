/** What the views of one tab, or of all tabs together, want to know. */
export interface Wants {
  /** Size of the window; 0 for none. */
  limit: number;
  everyone: boolean;
}

export const NO_WANTS: Wants = { limit: 0, everyone: false };

/** The server keeps windows of at most this many people. */
export const MAX_WINDOW = 200;

/** Counts who watches what in this tab, so that one view going away takes nothing from another. */
export interface WantsBook {
  watchOnline(limit: number): () => void;
  follow(ids: readonly string[] | 'everyone'): () => void;
  readonly wants: Wants;
  isFollowed(id: string): boolean;
}

export function createWantsBook(onChange: (wants: Wants, before: Wants) => void): WantsBook {
  const limits = new Map<symbol, number>();
  const followed = new Map<symbol, readonly string[] | 'everyone'>();
  const ids = new Map<string, number>();
  let wants = NO_WANTS;

  function changed(): void {
    const before = wants;
    wants = { limit: Math.max(0, ...limits.values()), everyone: followed.size > 0 };
    if (!equalWants(wants, before)) onChange(wants, before);
  }

  function count(list: readonly string[] | 'everyone', by: 1 | -1): void {
    if (list === 'everyone') return;
    for (const id of list) {
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
    follow(list) {
      const key = Symbol();
      followed.set(key, list);
      count(list, 1);
      changed();
      return () => {
        if (!followed.delete(key)) return;
        count(list, -1);
        changed();
      };
    },
    get wants() {
      return wants;
    },
    isFollowed: (id) => ids.has(id),
  };
}

export function equalWants(a: Wants, b: Wants): boolean {
  return a.limit === b.limit && a.everyone === b.everyone;
}

export function mergeWants(all: Iterable<Wants>): Wants {
  let merged = NO_WANTS;
  for (const { limit, everyone } of all) {
    merged = { limit: Math.max(limit, merged.limit), everyone: everyone || merged.everyone };
  }
  return merged;
}
