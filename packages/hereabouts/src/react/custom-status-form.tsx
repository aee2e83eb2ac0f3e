import { type FormEvent, useEffect, useId, useState } from 'react';
import { messageOf } from '../core/errors';
import type { OwnCustomStatus } from '../core/protocol';
import { graphemesOf } from './graphemes';
import { fill, plural } from './messages';
import { type PanelMessages, usePanel } from './panel-messages';
import { type HeadingLevel, PanelTitle } from './panel-title';

import type { UntilPreset } from './until';
import { chosenUntil, type UntilChoice, UntilSelect } from './until-select';
import { useMyPresence } from './use-my-presence';

/** The server takes as many. */
const MAX_GRAPHEMES = 100;
/** From here on it is said how many are left. */
const NEARLY_FULL = 20;

const SUGGESTIONS: readonly { emoji: string; text: keyof PanelMessages; preset: UntilPreset }[] = [
  { emoji: '📅', text: 'suggestMeeting', preset: '1h' },
  { emoji: '🚌', text: 'suggestCommuting', preset: '30m' },
  { emoji: '🍲', text: 'suggestLunch', preset: '1h' },
  { emoji: '🤒', text: 'suggestSick', preset: 'today' },
  { emoji: '🌴', text: 'suggestHoliday', preset: 'week' },
];

interface Draft {
  emoji: string;
  text: string;
  showOffline: boolean;
  until: UntilChoice;
}

function draftOf(custom: OwnCustomStatus | null): Draft {
  return {
    emoji: custom?.emoji ?? '',
    text: custom?.text ?? '',
    showOffline: custom?.show_offline ?? false,
    until: { preset: custom?.until ? 'keep' : 'never', date: '' },
  };
}

export interface CustomStatusFormProps {
  headingLevel?: HeadingLevel;
  className?: string;
}

/** A line about oneself: an emoji, a text, and when it ends by itself. */
export function CustomStatusForm({ className = '', headingLevel = 3 }: CustomStatusFormProps) {
  const { messages, locale, dir } = usePanel('CustomStatusForm');
  const { customStatus, state, setCustomStatus } = useMyPresence();
  const id = useId();
  const [edited, setEdited] = useState<Draft | null>(null);
  const [note, setNote] = useState<string>('');
  const draft = edited ?? draftOf(customStatus);
  const edit = (part: Partial<Draft>) => {
    setNote('');
    setEdited({ ...draft, ...part });
  };
  // Another device may have ended what `keep` stands for.
  const kept = customStatus?.until ?? null;
  const until =
    kept === null && draft.until.preset === 'keep'
      ? { ...draft.until, preset: 'never' as const }
      : draft.until;
  const length = graphemesOf(draft.text).length;
  const isEmpty = draft.text.trim() === '' && draft.emoji.trim() === '';

  useEffect(() => {
    if (note === '') return;
    const timer = setTimeout(() => setNote(''), 5_000);
    return () => clearTimeout(timer);
  }, [note]);

  async function save(event: FormEvent | null, custom: Draft | null) {
    event?.preventDefault();
    const end = custom && chosenUntil(until, kept, locale);
    try {
      await setCustomStatus(
        custom && {
          ...(custom.emoji.trim() !== '' && { emoji: custom.emoji.trim() }),
          ...(custom.text.trim() !== '' && { text: custom.text.trim() }),
          ...(end !== null && { until: end }),
          show_offline: custom.showOffline,
        },
      );
      setEdited(null);
      setNote(messages.customSaved);
    } catch (error) {
      setNote(fill(messages.failed, { reason: messageOf(error) }));
    }
  }

  return (
    <form
      className={`ha-panel ${className}`}
      aria-labelledby={`${id}-title`}
      dir={dir}
      onSubmit={(event) => void save(event, isEmpty ? null : draft)}
    >
      <PanelTitle level={headingLevel} id={`${id}-title`} text={messages.customLegend} />
      <div className="ha-row">
        <input
          className="ha-field ha-emoji"
          aria-label={messages.customEmoji}
          placeholder="🙂"
          value={draft.emoji}
          onChange={(event) => edit({ emoji: graphemesOf(event.target.value).at(-1) ?? '' })}
        />
        <input
          className="ha-field"
          aria-label={messages.customText}
          aria-describedby={`${id}-left`}
          aria-invalid={length > MAX_GRAPHEMES}
          placeholder={messages.suggestMeeting}
          value={draft.text}
          onChange={(event) => edit({ text: event.target.value })}
        />
      </div>
      <p id={`${id}-left`} className="ha-quiet ha-left">
        {length > MAX_GRAPHEMES - NEARLY_FULL
          ? plural(messages.customLeft, MAX_GRAPHEMES - length, locale)
          : ''}
      </p>
      {/* biome-ignore lint/a11y/useSemanticElements: it only names the buttons together; a fieldset would add a border */}
      <div role="group" aria-label={messages.suggestions} className="ha-chips">
        {SUGGESTIONS.map(({ emoji, text, preset }) => (
          <button
            key={text}
            type="button"
            className="ha-chip"
            onClick={() => edit({ emoji, text: messages[text] as string, until: { preset, date: '' } })}
          >
            <span aria-hidden="true">{emoji}</span> {messages[text] as string}
          </button>
        ))}
      </div>
      <UntilSelect choice={until} onChoose={(next) => edit({ until: next })} kept={kept} />
      <label className="ha-check">
        <input
          type="checkbox"
          checked={draft.showOffline}
          onChange={(event) => edit({ showOffline: event.target.checked })}
        />
        {messages.customShowOffline}
      </label>
      <div className="ha-row">
        <button type="submit" className="ha-button" disabled={state === 'loading' || length > MAX_GRAPHEMES}>
          {messages.customSave}
        </button>
        {customStatus !== null && (
          <button type="button" className="ha-button ha-plain" onClick={() => void save(null, null)}>
            {messages.customClear}
          </button>
        )}
      </div>
      <p className="ha-status-line" role="status">
        {note}
      </p>
    </form>
  );
}
