/** One or two letters to stand for a picture: whole graphemes, so that a family emoji or an accent stays whole. */
export function initialsOf(name: string): string {
  const words = name.trim().split(/\s+/u).filter(Boolean);
  const first = firstGrapheme(words[0] ?? '');
  const last = words.length > 1 ? firstGrapheme(words[words.length - 1] ?? '') : '';
  return (first + last).toLocaleUpperCase() || '?';
}

function firstGrapheme(word: string): string {
  if (typeof Intl.Segmenter === 'undefined') return Array.from(word)[0] ?? '';
  const segments = new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(word);
  return segments[Symbol.iterator]().next().value?.segment ?? '';
}
