// Reads the finished export and refuses what the server's policy would block: inline styles, inline event
// handlers, and anything loaded from another host. Run by `npm run build`.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const OUT = path.join(import.meta.dirname, '../out');
const REQUIRED = [
  'index.html',
  '404.html',
  'messages/index.html',
  'app/messages/index.html',
  'sidebar/index.html',
  'sign-in/index.html',
  'friends/index.html',
  'activity/index.html',
  'status/index.html',
  'privacy/index.html',
];
const MARKUP = /<[a-z][^>]*>/gi;

/** @param {string} html */
function faultsOf(html) {
  // The text of inline scripts is data here: it is allowed by its hash.
  const markup = html.replace(/(<script\b[^>]*>)[\s\S]*?<\/script>/gi, '$1').match(MARKUP) ?? [];
  return markup.flatMap((tag) => {
    const faults = [];
    if (/\sstyle=/i.test(tag)) faults.push('inline style');
    if (/^<style/i.test(tag)) faults.push('inline style sheet');
    if (/\son[a-z]+=/i.test(tag)) faults.push('inline event handler');
    if (/\s(?:src|href)="(?:https?:)?\/\//i.test(tag)) faults.push('another host');
    return faults.map((fault) => `${fault}: ${tag.slice(0, 160)}`);
  });
}

const pages = readdirSync(OUT, { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('.html'),
);
const missing = REQUIRED.filter((name) => !pages.includes(name));
const faults = [
  ...missing.map((name) => `${name}: missing`),
  ...pages.flatMap((name) =>
    faultsOf(readFileSync(path.join(OUT, name), 'utf8')).map((fault) => `${name}: ${fault}`),
  ),
];

if (faults.length > 0) {
  console.error(`The export breaks the content security policy:\n${faults.join('\n')}`);
  process.exit(1);
}
console.log(`Export checked: ${pages.length} pages, no inline style, nothing from another host.`);
