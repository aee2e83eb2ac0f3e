import list from '@/people.json';

/** One of the twelve people of the demo, known at build time. */
export interface DemoPerson {
  slug: string;
  username: string;
}

export const PEOPLE: readonly DemoPerson[] = list;

export function personBySlug(slug: string | null | undefined): DemoPerson | undefined {
  return PEOPLE.find((person) => person.slug === slug);
}

export function avatarOf(slug: string): string {
  return `/avatars/${slug}.svg`;
}

export function firstName(username: string): string {
  return username.split(' ')[0] ?? username;
}

/** Who to suggest for the second window: Linus, or Ada where this window is Linus. */
export function companionOf(slug: string | null | undefined): DemoPerson {
  const wanted = slug === 'linus' ? 'ada' : 'linus';
  return personBySlug(wanted) ?? { slug: wanted, username: wanted };
}
