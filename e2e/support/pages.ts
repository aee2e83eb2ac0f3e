/** The pages of the demo, and a watch for everything a browser complains about. */
import type { Page } from '@playwright/test';

export const PAGES = [
  { name: 'start', path: '/', hasPeople: true },
  { name: 'messages', path: '/messages/', hasPeople: true },
  { name: 'app-messages', path: '/app/messages/', hasPeople: true },
  { name: 'sidebar', path: '/sidebar/', hasPeople: true },
  { name: 'sign-in', path: '/sign-in/', hasPeople: false },
  { name: 'friends', path: '/friends/', hasPeople: true },
  { name: 'activity', path: '/activity/', hasPeople: false },
  { name: 'status', path: '/status/', hasPeople: false },
  { name: 'privacy', path: '/privacy/', hasPeople: false },
] as const;

export interface Complaints {
  /** Console warnings and errors, thrown errors, and violations of the content security policy. */
  all: string[];
}

/** Must be called before the page loads anything. */
export async function collectComplaints(page: Page): Promise<Complaints> {
  const complaints: Complaints = { all: [] };
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') {
      complaints.all.push(`${message.type()}: ${message.text()} (${message.location().url})`);
    }
  });
  page.on('pageerror', (error) => complaints.all.push(`thrown: ${error.message}`));
  await page.exposeFunction('__violation', (text: string) => complaints.all.push(`policy: ${text}`));
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      const report = (window as unknown as { __violation: (text: string) => void }).__violation;
      report(`${event.effectiveDirective} ${event.blockedURI} ${event.sample}`);
    });
  });
  return complaints;
}
