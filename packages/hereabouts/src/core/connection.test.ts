import { describe, expect, it } from 'vitest';
import { MAX_DELAY_MS, MIN_DELAY_MS } from './backoff';
import { transition } from './connection';
import {
  type ConnectionState,
  type Effect,
  type EventBody,
  initialState,
  type Phase,
  statusOf,
} from './connection-state';

const DEFAULT_BACKOFF = { minDelayMs: MIN_DELAY_MS, maxDelayMs: MAX_DELAY_MS };

/** Feeds events to the table; returns the end state and the last effects, written short. */
function run(events: EventBody[], from: ConnectionState = initialState(), nowMs = 0, random = 0.5) {
  let state = from;
  let effects: Effect[] = [];
  for (const event of events) {
    [state, effects] = transition(state, { ...event, nowMs, random }, DEFAULT_BACKOFF);
  }
  return { state, effects: effects.map(short) };
}

function short(effect: Effect): string {
  switch (effect.type) {
    case 'start-timer':
      return `${effect.name} in ${effect.ms}`;
    case 'stop-timer':
      return `stop ${effect.name}`;
    case 'send':
      return `send ${effect.message.type}`;
    case 'get-token':
      return `token ${effect.reason}`;
    case 'leave':
      return effect.everyTab ? 'leave everywhere' : 'leave';
    default:
      return effect.type;
  }
}

const token = (generation: number): EventBody => ({
  type: 'token',
  generation,
  userId: 'me',
  signedIn: true,
});
const ack = (generation: number): EventBody => ({ type: 'ack', generation, pingIntervalMs: 30_000 });
const closed = (generation: number, code: number, reason = ''): EventBody => ({
  type: 'closed',
  generation,
  code,
  reason,
});

const opening = run([{ type: 'connect' }, token(1), { type: 'elected' }]).state;
const open = run([ack(2), { type: 'frame', generation: 2 }], opening).state;
const pinged = run([{ type: 'ping' }], open).state;
const waiting = run([closed(2, 1006)], open).state;

describe('the table', () => {
  it.each<[string, ConnectionState, EventBody, Phase, string[]]>([
    [
      'connect asks for a token',
      initialState(),
      { type: 'connect' },
      'authorizing',
      ['token in 15000', 'token initial'],
    ],
    ['a second connect changes nothing', open, { type: 'connect' }, 'open', []],
    [
      'the ack opens',
      opening,
      ack(2),
      'open',
      ['close-abandoned', 'stable in 5000', 'ping in 30000', 'resubscribe', 'send ping', 'pong in 10000'],
    ],
    ['a late ack of an older socket changes nothing', opening, ack(1), 'opening', []],
    ['a loss waits for a retry', open, closed(2, 1006), 'waiting', ['retry in 250']],
    ['a late close of an older socket changes nothing', open, closed(1, 1006), 'open', []],
    [
      'the server may ask for patience',
      open,
      closed(2, 1012, '{"retry_ms":1234}'),
      'waiting',
      ['retry in 1234'],
    ],
    [
      '4401 asks for another token at once',
      open,
      closed(2, 4401),
      'authorizing',
      ['token in 15000', 'token rejected'],
    ],
    ['4403 stops', open, closed(2, 4403), 'stopped', ['let-go', 'leave-tabs']],
    ['4429 comes back slowly', open, closed(2, 4429), 'waiting', ['retry in 4250']],
    [
      'the retry asks for a token',
      waiting,
      { type: 'timer', name: 'retry' },
      'authorizing',
      ['token in 15000', 'token reconnect'],
    ],
    [
      'online retries at once',
      waiting,
      { type: 'online' },
      'authorizing',
      ['token in 15000', 'token reconnect'],
    ],
    [
      'visible retries at once',
      waiting,
      { type: 'visible' },
      'authorizing',
      ['token in 15000', 'token reconnect'],
    ],
    [
      'visible makes sure of an open socket',
      open,
      { type: 'visible' },
      'open',
      ['send ping', 'pong in 1000'],
    ],
    ['waking up makes sure of an open socket', open, { type: 'woke' }, 'open', ['send ping', 'pong in 1000']],
    ['any frame answers a ping', pinged, { type: 'frame', generation: 2 }, 'open', ['stop pong']],
    ['a frame that answers nothing changes nothing', open, { type: 'frame', generation: 2 }, 'open', []],
    [
      'a probe is answered sooner than a beat',
      pinged,
      { type: 'woke' },
      'open',
      ['send ping', 'pong in 1000'],
    ],
    [
      'no answer: a new socket before the old one is closed',
      open,
      { type: 'timer', name: 'pong' },
      'authorizing',
      ['abandon', 'token in 15000', 'token reconnect'],
    ],
    [
      'no ack: drop it and wait',
      opening,
      { type: 'timer', name: 'ack' },
      'waiting',
      ['abandon', 'retry in 250'],
    ],
    [
      'offline drops the socket and tries seldom',
      open,
      { type: 'offline' },
      'waiting',
      ['abandon', 'retry in 15000'],
    ],
    [
      'pagehide lets go of socket, lock and channel',
      open,
      { type: 'pagehide' },
      'paused',
      ['let-go', 'leave-tabs'],
    ],
    ['disconnect leaves', open, { type: 'disconnect', everyTab: false }, 'stopped', ['leave']],
    [
      'a sign-out leaves everywhere',
      open,
      { type: 'disconnect', everyTab: true },
      'stopped',
      ['leave everywhere'],
    ],
    ['another tab took the lead', open, { type: 'demoted' }, 'following', ['let-go']],
  ])('%s', (_, from, event, phase, effects) => {
    const result = run([event], from);
    expect(result.state.phase).toBe(phase);
    expect(result.effects).toEqual(effects);
  });
});

it('a beat does not put off the answer to a probe', () => {
  const probed = run([{ type: 'woke' }], open).state;
  expect(run([{ type: 'timer', name: 'ping' }], probed).effects).toEqual(['ping in 30000', 'send ping']);
});

it('comes back after pagehide only with pageshow', () => {
  const paused = run([{ type: 'pagehide' }], open).state;
  for (const type of ['visible', 'online', 'woke'] as const) {
    expect(run([{ type }], paused).state.phase).toBe('paused');
  }
  expect(run([{ type: 'pageshow' }], paused).effects).toContain('token reconnect');
});

it('stops for good after a second refused token in a row', () => {
  const again = run([closed(2, 4401), token(3), closed(4, 4401)], open);
  expect(again.state.phase).toBe('stopped');
  expect(again.state.error?.code).toBe('unauthorized');
  expect(again.effects).not.toContainEqual(expect.stringContaining('retry'));
});

it('grants another token after a stable connection', () => {
  const stable = run([closed(2, 4401), token(3), ack(4), { type: 'timer', name: 'stable' }], open).state;
  expect(run([closed(4, 4401)], stable).state.phase).toBe('authorizing');
});

it('stops without a retry when getToken says UnauthorizedError', () => {
  const failed: EventBody = { type: 'token-failed', generation: 1, unauthorized: true, message: 'expired' };
  const result = run([{ type: 'connect' }, failed]);
  expect(result.state).toMatchObject({ phase: 'stopped', error: { code: 'unauthorized' } });
  expect(result.effects).toEqual(['let-go', 'leave-tabs']);
});

it('retries when getToken fails otherwise', () => {
  const failed: EventBody = {
    type: 'token-failed',
    generation: 1,
    unauthorized: false,
    message: 'no network',
  };
  expect(run([{ type: 'connect' }, failed]).effects).toEqual(['retry in 250']);
});

it('starts the backoff afresh only after 5 s of a stable connection', () => {
  const again = [{ type: 'timer', name: 'retry' } as const, token(4), ack(5)];
  const flapping = run([closed(2, 1006), ...again], open).state;
  expect(flapping.attempt).toBeGreaterThan(0);
  expect(run([closed(5, 1006)], flapping).state.attempt).toBeGreaterThan(flapping.attempt);
  const stable = run([{ type: 'timer', name: 'stable' }], flapping).state;
  expect(run([closed(5, 1006)], stable).state.attempt).toBe(1);
});

it('is more patient with a server that throws us out than with one that cannot be reached', () => {
  expect(run([closed(2, 1006)], opening).state.attempt).toBe(1);
  expect(run([closed(2, 1013)], opening).state.attempt).toBe(3);
  expect(run([closed(2, 1006)], open).state.attempt).toBe(3);
});

it('asks for a new token when it is elected long after the first one', () => {
  const following = run([{ type: 'connect' }, token(1)]).state;
  expect(run([{ type: 'elected' }], following, 5_000).effects).toContain('open-socket');
  expect(run([{ type: 'elected' }], following, 60_000).effects).toContain('token reconnect');
});

it('never ends up without a way on: every phase but stopped has a timer, a token or another tab to wait for', () => {
  // Random walks over the table; a counter stands for the timers that run.
  let seed = 7;
  const next = (bound: number) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return seed % bound;
  };
  for (let walk = 0; walk < 300; walk += 1) {
    let state = initialState();
    const timers = new Set<string>();
    for (let step = 0; step < 60; step += 1) {
      const events: EventBody[] = [
        { type: 'connect' },
        token(state.generation),
        { type: 'token-failed', generation: state.generation, unauthorized: false, message: '' },
        { type: 'elected' },
        { type: 'demoted' },
        ack(state.generation),
        { type: 'frame', generation: state.generation },
        closed(state.generation, [1006, 1012, 4401, 4429][next(4)] ?? 1006),
        ...[...timers].map((name): EventBody => ({ type: 'timer', name: name as 'retry' })),
        { type: 'visible' },
        { type: 'woke' },
        { type: 'online' },
        { type: 'offline' },
        { type: 'pagehide' },
        { type: 'pageshow' },
      ];
      const event = events[next(events.length)] ?? { type: 'connect' };
      if (event.type === 'timer') timers.delete(event.name);
      const [after, effects] = transition(state, { ...event, nowMs: step, random: 0.5 }, DEFAULT_BACKOFF);
      if (after.phase !== state.phase) timers.clear();
      for (const effect of effects) {
        if (effect.type === 'start-timer') timers.add(effect.name);
        if (effect.type === 'stop-timer') timers.delete(effect.name);
      }
      state = after;
      const waitsFor = { authorizing: 'token', opening: 'ack', open: 'ping', waiting: 'retry' } as const;
      const timer = waitsFor[state.phase as keyof typeof waitsFor];
      if (timer) expect([state.phase, [...timers]]).toEqual([state.phase, expect.arrayContaining([timer])]);
    }
  }
});

it('says connecting before the first connection and reconnecting after it', () => {
  expect(statusOf(opening)).toBe('connecting');
  expect(statusOf(open)).toBe('connected');
  expect(statusOf(waiting)).toBe('reconnecting');
});
