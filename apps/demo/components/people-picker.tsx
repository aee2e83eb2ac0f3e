import { avatarOf, firstName, PEOPLE } from '@/lib/people';

/** The twelve in the card's own colours: choosing one is how this window signs in. */
export function PeoplePicker({ isBusy, onPick }: { isBusy: boolean; onPick: (slug: string) => void }) {
  return (
    <section className="people-card" aria-labelledby="picker-title">
      <h2 id="picker-title">Who are you today?</h2>
      <ul>
        {PEOPLE.map((person) => (
          <li key={person.slug}>
            <button
              type="button"
              disabled={isBusy}
              aria-label={`Open as ${person.username}`}
              onClick={() => onPick(person.slug)}
            >
              <img src={avatarOf(person.slug)} alt="" width={56} height={56} />
              <span>{firstName(person.username)}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
