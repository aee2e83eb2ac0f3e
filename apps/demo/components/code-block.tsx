import { CopyButton } from '@/components/copy-button';
import { highlight } from '@/lib/highlight';

/** A file of an example, coloured, with a button that copies it. Rendered at build time. */
export function CodeBlock({ file, code }: { file: string; code: string }) {
  const text = code.trim();
  return (
    <figure className="code">
      <figcaption>
        <span className="code-file">{file}</span>
        <CopyButton text={text} label={`Copy ${file}`} />
      </figcaption>
      {/* Wide code scrolls by itself, so it must be reachable with the keyboard. */}
      <pre tabIndex={0} aria-label={file}>
        <code>
          {highlight(text).map((token, index) =>
            token.kind === 'plain' ? (
              token.text
            ) : (
              // biome-ignore lint/suspicious/noArrayIndexKey: the tokens of a fixed text never move
              <span key={index} className={`t-${token.kind}`}>
                {token.text}
              </span>
            ),
          )}
        </code>
      </pre>
    </figure>
  );
}
