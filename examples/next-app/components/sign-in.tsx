'use client';

import { AuthError, useAuth } from 'hereabouts/react';
import { type FormEvent, useState } from 'react';

/** Accounts of the Hereabouts server. An app with a sign-in of its own gives `getToken` to the provider instead. */
export function SignIn() {
  const { user, isAuthenticated, login, register, logout } = useAuth();
  const [problem, setProblem] = useState('');

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const fields = { username: String(form.get('username')), password: String(form.get('password')) };
    const isNew = (event.nativeEvent as SubmitEvent).submitter?.getAttribute('value') === 'register';
    try {
      await (isNew ? register(fields) : login(fields));
      setProblem('');
    } catch (error) {
      setProblem(error instanceof AuthError ? error.message : 'That did not work.');
    }
  }

  if (isAuthenticated) {
    return (
      <p>
        You are {user?.username}.{' '}
        <button type="button" onClick={logout}>
          Sign out
        </button>
      </p>
    );
  }
  return (
    <form onSubmit={submit}>
      <label>
        Name <input name="username" autoComplete="username" required />
      </label>
      <label>
        Password <input name="password" type="password" autoComplete="current-password" required />
      </label>
      <button type="submit" value="login">
        Sign in
      </button>
      <button type="submit" value="register">
        Create an account
      </button>
      <p role="alert">{problem}</p>
    </form>
  );
}
