'use client';

import type { AsViewer, Audience, Precision, Privacy as Rules } from 'hereabouts';
import { useMyPresence, usePresenceClient } from 'hereabouts/react';
import { type FormEvent, useEffect, useId, useState } from 'react';
import { AsShown } from '@/components/as-shown';
import { usePeople } from '@/lib/people-context';
import { useApi } from '@/lib/use-api';
import { useMe } from '@/lib/use-me';

type Field = 'online' | 'last_seen' | 'alerts' | 'activity';

const FIELDS: readonly { field: Field; label: string; hint: string }[] = [
  { field: 'online', label: 'Who sees that I am here', hint: 'All others see me offline.' },
  {
    field: 'last_seen',
    label: 'Who sees when I was last here',
    hint: 'Only of those who see that I am here.',
  },
  { field: 'alerts', label: 'Who is told when I come online', hint: 'If they asked to be.' },
  { field: 'activity', label: 'Who reads when I came and went', hint: 'From now on, not what was before.' },
];

const AUDIENCES: readonly { value: Audience; label: string }[] = [
  { value: 'everyone', label: 'Everyone' },
  { value: 'friends', label: 'My friends' },
  { value: 'nobody', label: 'Nobody' },
];

const PRECISIONS: readonly { value: Precision; label: string }[] = [
  { value: 'exact', label: 'To the second' },
  { value: 'minute', label: 'To the minute' },
  { value: 'bucket', label: 'Roughly: recently, this week, this month' },
];

/** The rules, and at once what they come to for one person. */
export function Privacy() {
  const [version, setVersion] = useState(0);
  return (
    <div className="two-columns">
      <RulesForm onSaved={() => setVersion((now) => now + 1)} />
      <div className="stack">
        <ViewAs version={version} />
        <Explain version={version} />
        <MyData />
      </div>
    </div>
  );
}

function RulesForm({ onSaved }: { onSaved: () => void }) {
  const client = usePresenceClient();
  const { value: saved, error } = useApi<Rules>('/me/privacy/');
  const [rules, setRules] = useState<Rules | null>(null);
  const [note, setNote] = useState('');
  const shown = rules ?? saved;

  async function save(event: FormEvent) {
    event.preventDefault();
    try {
      setRules(await client.request<Rules>('PUT', '/me/privacy/', shown));
      setNote('Saved');
      onSaved();
    } catch (thrown) {
      setNote(thrown instanceof Error ? thrown.message : String(thrown));
    }
  }
  const change = (part: Partial<Rules>) => {
    if (shown) setRules({ ...shown, ...part });
    setNote('');
  };
  return (
    <form className="panel rules" aria-labelledby="rules-title" onSubmit={(event) => void save(event)}>
      <h2 id="rules-title">Rules</h2>
      {error !== null && (
        <p className="page-problem" role="alert">
          {error}
        </p>
      )}
      {FIELDS.map(({ field, label, hint }) => (
        <Select
          key={field}
          label={label}
          hint={hint}
          options={AUDIENCES}
          value={shown?.[field].audience}
          onChange={(audience) => shown && change({ [field]: { ...shown[field], audience } })}
        />
      ))}
      <Select
        label="How exact the time is"
        hint="Of when I was last here."
        options={PRECISIONS}
        value={shown?.precision}
        onChange={(precision) => change({ precision })}
      />
      <button type="submit" className="button" disabled={shown === null}>
        Save
      </button>
      <p role="status">{note}</p>
    </form>
  );
}

function Select<Value extends string>(props: {
  label: string;
  hint: string;
  options: readonly { value: Value; label: string }[];
  value: Value | undefined;
  onChange: (value: Value) => void;
}) {
  const id = useId();
  return (
    <div className="rule">
      <label htmlFor={id}>{props.label}</label>
      <select
        id={id}
        aria-describedby={`${id}-hint`}
        disabled={props.value === undefined}
        value={props.value}
        onChange={(event) => props.onChange(event.target.value as Value)}
      >
        {props.options.map(({ value, label }) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </select>
      <p id={`${id}-hint`} className="page-note">
        {props.hint}
      </p>
    </div>
  );
}

/** Exactly what one person gets of me, and the rule that decided it. */
function ViewAs({ version }: { version: number }) {
  const people = usePeople();
  const me = useMe();
  const others = people.filter((person) => person.id !== me?.id);
  const [chosen, setChosen] = useState('');
  const viewer = chosen || others[0]?.id;
  const { asOthersSee } = useMyPresence();
  const { value, error, reload } = useApi<AsViewer>(viewer ? `/me/as/${viewer}/` : null);
  // Whatever I change of myself or of my rules may change it.
  useReload(reload, `${version} ${asOthersSee?.version}`);
  const id = useId();
  return (
    <section className="panel preview" aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>View as…</h2>
      <label htmlFor={id}>What they see of me</label>
      <select id={id} value={viewer ?? ''} onChange={(event) => setChosen(event.target.value)}>
        {others.map((person) => (
          <option key={person.id} value={person.id}>
            {person.username}
          </option>
        ))}
      </select>
      <div aria-live="polite" data-testid="as-viewer">
        {value && (
          <>
            <AsShown presence={value.presence} />
            <p className="page-note">
              {value.because} (row {value.row})
            </p>
          </>
        )}
        {error !== null && <p className="page-problem">{error}</p>}
      </div>
    </section>
  );
}

function Explain({ version }: { version: number }) {
  const { value, reload } = useApi<{ because: string }>('/me/explain/');
  const { status, mode } = useMyPresence();
  useReload(reload, `${version} ${status} ${mode}`);
  return (
    <section className="panel preview" aria-labelledby="explain-title">
      <h2 id="explain-title">Why am I shown so?</h2>
      <p className="page-note">{value?.because ?? '…'}</p>
    </section>
  );
}

/** Reads again when `key` is another one; the first time is not its business. */
function useReload(reload: () => Promise<void>, key: string): void {
  const [known, setKnown] = useState(key);
  useEffect(() => {
    if (key === known) return;
    setKnown(key);
    void reload();
  }, [key, known, reload]);
}

/** Everything the server has of me, as a file. */
function MyData() {
  const client = usePresenceClient();
  const [note, setNote] = useState('');
  async function download() {
    try {
      const data = await client.request<unknown>('GET', '/me/export/');
      const url = URL.createObjectURL(
        new Blob([JSON.stringify(data, null, 2)], { type: 'application/json' }),
      );
      const link = Object.assign(document.createElement('a'), { href: url, download: 'my-presence.json' });
      link.click();
      URL.revokeObjectURL(url);
      setNote('');
    } catch (thrown) {
      setNote(thrown instanceof Error ? thrown.message : String(thrown));
    }
  }
  return (
    <section className="panel preview" aria-labelledby="data-title">
      <h2 id="data-title">My data</h2>
      <p className="page-note">Everything this server keeps about you, in one file.</p>
      <button type="button" className="button button-quiet" onClick={() => void download()}>
        Download it
      </button>
      <p role="status">{note}</p>
    </section>
  );
}
