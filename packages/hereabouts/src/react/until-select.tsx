import { useId, useState } from 'react';
import type { PanelMessages } from './panel-messages';
import { usePanel } from './panel-messages';
import { localText, UNTIL_PRESETS, type UntilPreset, untilOf, untilText } from './until';

/** A choice of an end: `keep` leaves the one that is there. */
export interface UntilChoice {
  preset: UntilPreset | 'keep';
  /** What the date field holds. */
  date: string;
}

const TEXT: Record<UntilPreset, keyof PanelMessages> = {
  never: 'untilNever',
  '30m': 'until30m',
  '1h': 'until1h',
  '4h': 'until4h',
  today: 'untilToday',
  week: 'untilWeek',
  date: 'untilDate',
};

/** The chosen end now, as the server takes it; null for never. */
export function chosenUntil(
  { preset, date }: UntilChoice,
  kept: string | null,
  locale: string,
): string | null {
  if (preset === 'keep') return kept;
  if (preset !== 'date') return untilOf(preset, new Date(), locale)?.toISOString() ?? null;
  const moment = new Date(date);
  return Number.isNaN(moment.getTime()) ? null : moment.toISOString();
}

/** A select of ends, with a date field behind its last entry. */
export function UntilSelect(props: {
  choice: UntilChoice;
  onChoose(choice: UntilChoice): void;
  /** The end that is there; offered as such. */
  kept: string | null;
}) {
  const { choice, onChoose, kept } = props;
  const { messages, locale } = usePanel('UntilSelect');
  const id = useId();
  const [now] = useState(() => new Date());
  return (
    <div className="ha-until">
      <label htmlFor={id}>{messages.untilLabel}</label>
      <select
        id={id}
        className="ha-field"
        value={choice.preset}
        onChange={(event) => {
          const preset = event.target.value as UntilChoice['preset'];
          const date = preset === 'date' ? localText(new Date(Date.now() + 3_600_000)) : '';
          onChoose({ preset, date });
        }}
      >
        {kept !== null && (
          <option value="keep">{messages.until.replace('{time}', untilText(kept, now, locale))}</option>
        )}
        {UNTIL_PRESETS.map((preset) => (
          <option key={preset} value={preset}>
            {messages[TEXT[preset]] as string}
          </option>
        ))}
      </select>
      {choice.preset === 'date' && (
        <input
          type="datetime-local"
          className="ha-field"
          aria-label={messages.untilDateLabel}
          required
          min={localText(now)}
          value={choice.date}
          onChange={(event) => onChoose({ preset: 'date', date: event.target.value })}
        />
      )}
    </div>
  );
}
