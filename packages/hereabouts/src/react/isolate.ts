const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/;

/**
 * A name within a sentence. One that reads the other way is set apart, so that neither the words after it nor its own
 * signs change places.
 */
export function isolate(name: string, dir: 'ltr' | 'rtl' | undefined): string {
  return RIGHT_TO_LEFT.test(name) === (dir === 'rtl') ? name : `\u2068${name}\u2069`;
}
