/** The few line icons of the demo, drawn for it. All are decoration: the text beside them says the same. */

const common = {
  width: 18,
  height: 18,
  viewBox: '0 0 24 24',
  fill: 'none',
  stroke: 'currentColor',
  strokeWidth: 1.9,
  strokeLinecap: 'round',
  strokeLinejoin: 'round',
  'aria-hidden': true,
} as const;

export function HomeIcon() {
  return (
    <svg {...common}>
      <path d="M4 11.5 12 4l8 7.5V20h-5.5v-5h-5v5H4z" />
    </svg>
  );
}

export function ChatIcon() {
  return (
    <svg {...common}>
      <path d="M4 5h16v11H10l-5 4v-4H4z" />
      <path d="M8 9h8M8 12.5h5" />
    </svg>
  );
}

export function PeopleIcon() {
  return (
    <svg {...common}>
      <circle cx="9" cy="8.5" r="3.5" />
      <path d="M3 20c0-3.5 2.7-6 6-6s6 2.5 6 6M16 5.5a3.5 3.5 0 0 1 0 6.5M17.5 14.5c2.1.8 3.5 2.9 3.5 5.5" />
    </svg>
  );
}

export function ClockIcon() {
  return (
    <svg {...common}>
      <circle cx="12" cy="12" r="8.5" />
      <path d="M12 7v5.5l3.5 2" />
    </svg>
  );
}

export function StatusIcon() {
  return (
    <svg {...common}>
      <circle cx="12" cy="12" r="8.5" />
      <path d="M8.5 14.5c.8 1.2 2 1.8 3.5 1.8s2.7-.6 3.5-1.8M9 9.5v.5M15 9.5v.5" />
    </svg>
  );
}

export function ShieldIcon() {
  return (
    <svg {...common}>
      <path d="M12 3.5 5 6v5.5c0 4.3 2.9 7.3 7 9 4.1-1.7 7-4.7 7-9V6z" />
    </svg>
  );
}

export function SidebarIcon() {
  return (
    <svg {...common}>
      <rect x="3.5" y="4.5" width="17" height="15" rx="2.5" />
      <path d="M9.5 4.5v15" />
    </svg>
  );
}

export function WindowIcon() {
  return (
    <svg {...common}>
      <path d="M14 4h6v6M20 4l-9 9" />
      <path d="M18 14v6H4V6h6" />
    </svg>
  );
}

export function MoonIcon() {
  return (
    <svg {...common}>
      <path d="M19 14.5A7.5 7.5 0 0 1 9.5 5a7.5 7.5 0 1 0 9.5 9.5z" />
    </svg>
  );
}

export function KeyIcon() {
  return (
    <svg {...common}>
      <circle cx="8" cy="15" r="4" />
      <path d="m11 12 8-8M16 7l3 3" />
    </svg>
  );
}

export function CrowdIcon() {
  return (
    <svg {...common}>
      <circle cx="9" cy="9" r="3.5" />
      <path d="M3 19c.6-3.5 3-5 6-5s5.4 1.5 6 5M16 6a3.2 3.2 0 0 1 0 6.2M18 14.3c1.7.7 2.7 2.2 3 4.7" />
    </svg>
  );
}

export function SendIcon() {
  return (
    <svg {...common}>
      <path d="M4 12h15M13 6l6 6-6 6" />
    </svg>
  );
}

/** The mark: a person in the card's gradient with the green dot. */
export function Logo() {
  return (
    <svg width="26" height="26" viewBox="0 0 32 32" aria-hidden="true">
      <defs>
        <linearGradient id="mark" x1="0" y1="0" x2="1" y2="1">
          <stop stopColor="#dc2626" />
          <stop offset="1" stopColor="#1e3a8a" />
        </linearGradient>
      </defs>
      <rect width="32" height="32" rx="9" fill="url(#mark)" />
      <circle cx="16" cy="13" r="5" fill="#fbbf24" />
      <path d="M7 25c1-6 5-8 9-8s8 2 9 8z" fill="#fbbf24" />
      <circle cx="24" cy="24" r="5.5" fill="#0f172a" />
      <circle cx="24" cy="24" r="3.6" fill="#22c55e" />
    </svg>
  );
}
