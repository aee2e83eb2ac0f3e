import { CodeBlock } from '@/components/code-block';

/** What one writes for the example above. */
export function ExampleCode({ file, code }: { file: string; code: string }) {
  return (
    <section className="section example-code" aria-labelledby="code-title">
      <div className="section-head">
        <h2 id="code-title">This page, in code</h2>
        <p>The original’s snippet. Only the import path is ours.</p>
      </div>
      <CodeBlock file={file} code={code} />
    </section>
  );
}
