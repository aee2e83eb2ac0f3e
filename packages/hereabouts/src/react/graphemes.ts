/** Characters as people count them: a family of four is one. */
export function graphemesOf(text: string): string[] {
  const segments = new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(text);
  return [...segments].map(({ segment }) => segment);
}
