import type { Metadata } from 'next';
import Link from 'next/link';
import { AccountForm } from '@/components/account-form';

export const metadata: Metadata = { title: 'Sign in' };

/** Accounts of the server's own, for who would rather be themselves than one of the twelve. */
export default function SignInPage() {
  return (
    <main id="main" className="sign-in">
      <h1>Be yourself</h1>
      <p className="lead">
        An account on this server: its name is what others see. <Link href="/">Or be one of the twelve</Link>,
        without a password.
      </p>
      <AccountForm />
    </main>
  );
}
