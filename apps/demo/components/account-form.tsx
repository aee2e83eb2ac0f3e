'use client';

import { AuthError, useAuth } from 'hereabouts/react';
import Link from 'next/link';
import { type FormEvent, useState } from 'react';

const NO_ACCOUNTS = [404, 405, 501];

/** Signing in with an account of the server's own, or making one. */
export function AccountForm() {
  const { user, isAuthenticated, login, register, logout } = useAuth();
  const [isNew, setIsNew] = useState(false);
  const [isBusy, setIsBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);

  async function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const fields = { username: String(form.get('username')), password: String(form.get('password')) };
    setIsBusy(true);
    setProblem(null);
    try {
      await (isNew ? register(fields) : login(fields));
    } catch (error) {
      setProblem(sentenceOf(error));
    } finally {
      setIsBusy(false);
    }
  }

  if (isAuthenticated) {
    return (
      <div className="panel account">
        <h2>You are {user?.username}</h2>
        <p>This window is connected as you. Everybody else sees you arrive.</p>
        <div className="doors">
          <Link className="button" href="/">
            See who is here
          </Link>
          <button type="button" className="button button-quiet" onClick={logout}>
            Sign out everywhere
          </button>
        </div>
      </div>
    );
  }
  return (
    <form className="panel account" onSubmit={(event) => void onSubmit(event)}>
      <h2>{isNew ? 'Create an account' : 'Sign in'}</h2>
      <label>
        Name
        <input name="username" autoComplete="username" required maxLength={64} />
      </label>
      <label>
        Password
        <input
          name="password"
          type="password"
          autoComplete={isNew ? 'new-password' : 'current-password'}
          required
          minLength={isNew ? 8 : undefined}
        />
      </label>
      {problem !== null && (
        <p className="hint hint-error" role="alert">
          {problem}
        </p>
      )}
      <button type="submit" className="button" disabled={isBusy}>
        {isNew ? 'Create it and sign in' : 'Sign in'}
      </button>
      <button type="button" className="button button-quiet" onClick={() => setIsNew(!isNew)}>
        {isNew ? 'I have an account' : 'I need an account'}
      </button>
    </form>
  );
}

function sentenceOf(error: unknown): string {
  if (!(error instanceof AuthError) || error.status === 0) return 'The server cannot be reached. Try again.';
  if (NO_ACCOUNTS.includes(error.status))
    return 'This server keeps no accounts. Be one of the twelve instead.';
  return error.message;
}
