import { useId, useState } from 'react';
import { messageOf } from '../core/errors';
import type { PresenceMode, PresenceStatus } from '../core/types';
import { fill } from './messages';
import { type PanelMessages, usePanel } from './panel-messages';
import { type HeadingLevel, PanelTitle } from './panel-title';

import { PresenceDot } from './presence-dot';
import { untilText } from './until';
import { chosenUntil, type UntilChoice, UntilSelect } from './until-select';
import { useMyPresence } from './use-my-presence';

interface Choice {
  mode: PresenceMode;
  shownAs: PresenceStatus;
  text: keyof PanelMessages;
  hint: keyof PanelMessages;
}

const CHOICES: readonly Choice[] = [
  { mode: 'auto', shownAs: 'online', text: 'modeAuto', hint: 'modeAutoHint' },
  { mode: 'away', shownAs: 'away', text: 'modeAway', hint: 'modeAwayHint' },
  { mode: 'dnd', shownAs: 'dnd', text: 'modeDnd', hint: 'modeDndHint' },
  { mode: 'invisible', shownAs: 'offline', text: 'modeInvisible', hint: 'modeInvisibleHint' },
];

export interface StatusPickerProps {
  headingLevel?: HeadingLevel;
  className?: string;
}

/**
 * Chooses the mode. Buttons and not radios: arrow keys on radios would pass through the modes in between, and others
 * would see each of them.
 */
export function StatusPicker({ className = '', headingLevel = 3 }: StatusPickerProps) {
  const { messages, locale, dir } = usePanel('StatusPicker');
  const me = useMyPresence();
  const titleId = useId();
  const [chosen, setChosen] = useState<UntilChoice | null>(null);
  const [busy, setBusy] = useState<PresenceMode | null>(null);
  const [problem, setProblem] = useState<string | null>(null);

  // What was not chosen here is what holds: the end that is there, or none.
  const kept = me.mode === 'auto' ? null : me.until;
  const choice = chosen ?? { preset: kept === null ? 'never' : 'keep', date: '' };

  async function choose(mode: PresenceMode, until: UntilChoice) {
    setBusy(mode);
    setProblem(null);
    try {
      await me.setMode(mode, mode === 'auto' ? null : chosenUntil(until, kept, locale));
      setChosen(null);
    } catch (error) {
      setProblem(messageOf(error));
    }
    setBusy(null);
  }

  const onChooseUntil = (next: UntilChoice) => {
    setChosen(next);
    // A date is set by its own button, once it is whole.
    if (me.mode !== 'auto' && next.preset !== 'date') void choose(me.mode, next);
  };
  const shown = busy ?? me.mode;
  return (
    <section
      className={`ha-panel ${className}`}
      aria-labelledby={titleId}
      aria-busy={me.state === 'loading'}
      dir={dir}
    >
      <PanelTitle level={headingLevel} id={titleId} text={messages.modeLegend} />
      {me.state === 'loading' && <p className="ha-quiet">{messages.loadingStatus}</p>}
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset's legend cannot be laid out; the heading names the group */}
      <div role="group" aria-labelledby={titleId} className="ha-choices">
        {CHOICES.map(({ mode, shownAs, text, hint }) => (
          <button
            key={mode}
            type="button"
            className="ha-choice"
            aria-pressed={me.state === 'ready' && shown === mode}
            disabled={me.state === 'loading'}
            onClick={() => void choose(mode, choice)}
          >
            <PresenceDot status={shownAs} />
            <span className="ha-choice-text">
              <b>{messages[text] as string}</b>
              <span className="ha-quiet">{messages[hint] as string}</span>
            </span>
          </button>
        ))}
      </div>
      <UntilSelect choice={choice} onChoose={onChooseUntil} kept={kept} />
      {choice.preset === 'date' && me.mode !== 'auto' && (
        <button type="button" className="ha-button" onClick={() => void choose(me.mode, choice)}>
          {messages.apply}
        </button>
      )}
      {/* The end stands in the select; here it is said. */}
      <p className={problem === null ? 'ha-sr-only' : 'ha-status-line'} role="status">
        {problem !== null
          ? fill(messages.failed, { reason: problem })
          : kept !== null
            ? fill(messages.until, { time: untilText(kept, new Date(), locale) })
            : ''}
      </p>
    </section>
  );
}
