import { describe, expect, it } from 'vitest';
import { row } from '../../tests/fake-browser';
import { gone, person } from '../../tests/fake-server';
import { applyDiff, applyRows, applySnapshot, EMPTY_ROSTER, enrich, type Roster } from './reducer';

const API = '/api';
const ada = person('ada');
const bob = person('bob');
const eve = person('eve');

function snapshot(...people: (typeof ada)[]): Roster {
  return applySnapshot(EMPTY_ROSTER, people, people.length, API);
}

function names(roster: Roster): string {
  return roster.ordered.map((user) => user.id).join(' ');
}

describe('applySnapshot', () => {
  it('orders by since, then id', () => {
    const zoe = { ...person('zoe'), since: ada.since };
    expect(names(snapshot(bob, zoe, ada))).toBe('ada zoe bob');
  });

  it('gives the same roster back when nothing changed', () => {
    const before = snapshot(ada, bob);
    expect(applySnapshot(before, [bob, ada], 2, API)).toBe(before);
  });

  it('keeps the object of everybody who did not change', () => {
    const before = snapshot(ada, bob);
    const after = applySnapshot(before, [ada, { ...bob, status: 'away', version: 2 }], 2, API);
    expect(after.byId.get('ada')).toBe(before.byId.get('ada'));
    expect(after.byId.get('bob')).not.toBe(before.byId.get('bob'));
  });

  it('takes a lower version: a restarted server counts anew', () => {
    const before = snapshot({ ...ada, version: 9, status: 'away' });
    expect(applySnapshot(before, [ada], 1, API).byId.get('ada')?.status).toBe('online');
  });
});

describe('applyDiff', () => {
  it('adds who joined and removes who left', () => {
    const joined = applyDiff(snapshot(ada), [{ ...bob, reason: 'joined' }], 2, API);
    expect(names(joined)).toBe('ada bob');
    const left = applyDiff(joined, [{ ...gone(ada), reason: 'closed' }], 1, API);
    expect(names(left)).toBe('bob');
    expect(left.total).toBe(1);
  });

  it('ignores a change older than what is known, and takes one of the same version', () => {
    const before = snapshot({ ...ada, version: 5 });
    expect(applyDiff(before, [{ ...gone(ada, { version: 4 }), reason: 'lost' }], 1, API)).toBe(before);
    const same = applyDiff(before, [{ ...ada, version: 5, status: 'away', reason: 'idle' }], 1, API);
    expect(same.byId.get('ada')?.status).toBe('away');
  });

  it('does not bring back who left when a resume repeats their arrival', () => {
    const left = applyDiff(snapshot(ada, bob), [{ ...gone(ada, { version: 7 }), reason: 'closed' }], 1, API);
    const repeated = applyDiff(left, [{ ...ada, version: 6, reason: 'joined' }], 1, API);
    expect(names(repeated)).toBe('bob');
    const anew = applyDiff(repeated, [{ ...ada, version: 8, reason: 'joined' }], 2, API);
    expect(names(anew)).toBe('ada bob');
  });

  it('cuts a window at its limit', () => {
    const before = snapshot(bob, eve);
    const after = applyDiff(before, [{ ...ada, reason: 'joined' }], 3, API, { limit: 2 });
    expect(names(after)).toBe('ada bob');
    expect(after.total).toBe(3);
  });

  it('keeps a followed person as offline', () => {
    const after = applyDiff(snapshot(ada), [{ ...gone(ada), reason: 'closed' }], 0, API, {
      keep: () => true,
    });
    expect(names(after)).toBe('');
    expect(after.byId.get('ada')?.status).toBe('offline');
  });

  it('gives the same roster back for an empty diff', () => {
    const before = snapshot(ada);
    expect(applyDiff(before, [], 1, API)).toBe(before);
  });
});

describe('rows of the list', () => {
  it('replace the roster in the order of the server', () => {
    expect(names(applyRows(EMPTY_ROSTER, [row('z'), row('a')], 2, API))).toBe('z a');
  });

  it('add slug and last activity to people of the socket, which later frames keep', () => {
    const enriched = enrich(snapshot(ada), [row('ada', { slug: 'ada-lovelace' }), row('stranger')]);
    expect(names(enriched)).toBe('ada');
    const after = applyDiff(enriched, [{ ...ada, status: 'away', version: 2, reason: 'idle' }], 1, API);
    expect(after.byId.get('ada')).toMatchObject({
      slug: 'ada-lovelace',
      last_activity: '2026-11-24T01:02:00.000000Z',
      status: 'away',
    });
  });
});

it('agrees with a naive model on ten thousand random changes', () => {
  // A small linear congruential generator: the same run each time.
  let seed = 42;
  const next = (bound: number) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return seed % bound;
  };
  const model = new Map<string, number>();
  let version = 1;
  let roster = EMPTY_ROSTER;
  for (let step = 0; step < 10_000; step += 1) {
    const base = { ...person(`p${next(30)}`), version: ++version };
    const isOnline = next(2) === 0;
    const change = isOnline ? base : gone(base, { version });
    if (isOnline) model.set(change.user_id, version);
    else model.delete(change.user_id);
    roster = applyDiff(roster, [{ ...change, reason: 'changed' }], model.size, API);
    expect([...roster.byId].map(([id, user]) => [id, user.version]).sort()).toEqual([...model].sort());
  }
});
