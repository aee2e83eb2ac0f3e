import { CodeBlock } from '@/components/code-block';

const ORIGINAL = 'The original’s snippet. Only the import path is ours.';

/** What one writes for the example above. */
export function ExampleCode({ file, code, note = ORIGINAL }: { file: string; code: string; note?: string }) {
  return (
    <section className="section example-code" aria-labelledby="code-title">
      <div className="section-head">
        <h2 id="code-title">This page, in code</h2>
        <p>{note}</p>
      </div>
      <CodeBlock file={file} code={code} />
    </section>
  );
}
