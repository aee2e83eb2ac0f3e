/** The log of who came and went, as a pure function, so that a burst of a thousand is one line. */

export interface LogEntry {
  key: number;
  kind: 'joined' | 'left' | 'note';
  /** The first person of the entry, where the demo knows them. */
  userId: string | null;
  /** Shown instead of a person; notes about this window's own connection. */
  text: string | null;
  count: number;
  atMs: number;
}

const MAX_ENTRIES = 40;
/** Strangers who come within this time of each other share a line. */
const MERGE_MS = 2_000;

export function addChange(
  log: readonly LogEntry[],
  change: { userId: string; isOnline: boolean; isKnown: boolean },
  atMs: number,
): readonly LogEntry[] {
  const kind = change.isOnline ? 'joined' : 'left';
  const [latest, ...older] = log;
  const isMergeable =
    !change.isKnown && latest?.kind === kind && latest.userId === null && atMs - latest.atMs < MERGE_MS;
  if (isMergeable) return [{ ...latest, count: latest.count + 1, atMs }, ...older];
  return prepend(log, { kind, userId: change.isKnown ? change.userId : null, text: null, count: 1, atMs });
}

export function addNote(log: readonly LogEntry[], text: string, atMs: number): readonly LogEntry[] {
  return prepend(log, { kind: 'note', userId: null, text, count: 1, atMs });
}

function prepend(log: readonly LogEntry[], entry: Omit<LogEntry, 'key'>): readonly LogEntry[] {
  const key = (log[0]?.key ?? 0) + 1;
  return [{ key, ...entry }, ...log].slice(0, MAX_ENTRIES);
}
