/** Row 15: what is shipped is whole. */
import { describe, expect, it } from 'vitest';
import ar from '../../src/locales/ar';
import en from '../../src/locales/en';
import es from '../../src/locales/es';
import pl from '../../src/locales/pl';

type Text = string | Record<string, string>;

function formsOf(text: Text): string[] {
  return typeof text === 'string' ? [text] : Object.values(text);
}

function holes(text: string): string[] {
  return [...text.matchAll(/\{\w+\}/g)].map(([hole]) => hole).sort();
}

describe.each([
  ['ar', ar],
  ['es', es],
  ['pl', pl],
] as const)('15. %s', (locale, texts: Record<string, Text>) => {
  it('has every text of the English, and no other', () => {
    expect(Object.keys(texts).sort()).toEqual(Object.keys(en).sort());
    for (const [name, text] of Object.entries(texts))
      for (const form of formsOf(text)) expect(form, name).not.toBe('');
  });

  it('has every form that numbers take in it', () => {
    const categories = new Intl.PluralRules(locale).resolvedOptions().pluralCategories;
    for (const [name, text] of Object.entries(texts)) {
      if (typeof text !== 'string') expect(Object.keys(text).sort(), name).toEqual([...categories].sort());
    }
  });

  it('fills the same places', () => {
    for (const [name, text] of Object.entries(texts)) {
      const english = (en as Record<string, Text>)[name] ?? '';
      // A form for one or two may say the number in words.
      const optional = typeof text === 'string' ? [] : ['{n}'];
      const wanted = new Set(formsOf(english).flatMap(holes));
      for (const form of formsOf(text)) {
        const given = holes(form);
        for (const hole of given) expect(wanted, `${name}: ${form}`).toContain(hole);
        for (const hole of wanted)
          if (!optional.includes(hole)) expect(given, `${name}: ${form}`).toContain(hole);
      }
    }
  });

  it('is translated: but for texts that are only places, none is the English one', () => {
    for (const [name, text] of Object.entries(texts)) {
      const english = (en as Record<string, Text>)[name];
      const isOnlyPlaces = typeof text === 'string' && text.replace(/\{\w+\}|[,:،\s]/g, '').length < 2;
      const isSameWord = ['Emoji', 'Invisible', 'Online', 'Status', 'online', 'offline'].includes(
        String(text),
      );
      if (!isOnlyPlaces && !isSameWord) expect(text, name).not.toEqual(english);
    }
  });
});
