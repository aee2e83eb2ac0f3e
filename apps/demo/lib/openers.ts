/** What each of the twelve has already written to you: invented small talk, so that no conversation is empty. */
const OPENERS: Readonly<Record<string, string>> = {
  ada: 'I left notes on your draft. The loop in part G repeats once too often.',
  linus: 'Patch looks fine. Please split it in two, though.',
  grace: 'Found it. It was a moth again. Lunch?',
  alan: 'I have a question, and I would like you to guess who is asking.',
  katherine: 'Checked your numbers by hand. They hold.',
  dennis: 'Pointers are fine if you know where you stand.',
  margaret: 'The alarm was right to go off. Let us keep it.',
  ken: 'I made the editor smaller. Try it on the slow line.',
  radia: 'The network drew itself a tree while we were talking.',
  tim: 'Small proposal attached. Vague, but exciting, I hope.',
  hedy: 'Change channels with me? I keep the rhythm.',
  barbara: 'Swap the part for its child and nothing should notice.',
};

export function openerOf(slug: string): string {
  return OPENERS[slug] ?? 'Hello!';
}
