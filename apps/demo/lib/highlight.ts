/** A small TypeScript highlighter for the examples: enough colours to read by, no dependency. */

export type TokenKind = 'plain' | 'keyword' | 'string' | 'comment' | 'tag' | 'attribute' | 'number';

export interface Token {
  kind: TokenKind;
  text: string;
}

const PATTERN =
  /(?<comment>\/\/[^\n]*|\/\*[\s\S]*?\*\/|^#[^\n]*)|(?<string>'[^'\n]*'|"[^"\n]*"|`[^`]*`)|(?<keyword>\b(?:import|from|export|default|function|return|const|type|async|await)\b)|(?<tag><\/?[A-Za-z][\w.]*|\/?>)|(?<attribute>\b[a-zA-Z]+(?==[{"']))|(?<number>\b\d+\b)/gm;

export function highlight(code: string): Token[] {
  const tokens: Token[] = [];
  let end = 0;
  for (const match of code.matchAll(PATTERN)) {
    if (match.index > end) tokens.push({ kind: 'plain', text: code.slice(end, match.index) });
    const found = Object.entries(match.groups ?? {}).find(([, text]) => text !== undefined);
    tokens.push({ kind: (found?.[0] ?? 'plain') as TokenKind, text: match[0] });
    end = match.index + match[0].length;
  }
  if (end < code.length) tokens.push({ kind: 'plain', text: code.slice(end) });
  return tokens;
}
