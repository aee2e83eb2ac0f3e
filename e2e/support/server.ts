/** The real `hereabouts` binary as a test drives it: started on a free port, killed by its process id. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const ROOT = path.join(import.meta.dirname, '../..');
const START_LIMIT_MS = 20_000;
const LISTENING = /(?<!internal )listening on (http:\/\/127\.0\.0\.1:(\d+))/;

export interface ServerOptions {
  /** Further flags, such as shortened times. */
  args?: readonly string[];
  env?: Readonly<Record<string, string>>;
}

export class Server {
  #options: ServerOptions;
  readonly #folder = mkdtempSync(path.join(tmpdir(), 'hereabouts-e2e-'));
  #process: ChildProcess | undefined;
  #log = '';
  #port = 0;

  private constructor(options: ServerOptions) {
    this.#options = options;
  }

  static async start(options: ServerOptions = {}): Promise<Server> {
    const server = new Server(options);
    try {
      await server.#run();
    } catch (error) {
      server.#removeFolder();
      throw error;
    }
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Everything the process has written, for messages and for tests that read the log. */
  get log(): string {
    return this.#log;
  }

  /** The key that `dev` made for its tokens. */
  secret(): string {
    return readFileSync(path.join(this.#folder, 'hereabouts-data/secret-key'), 'utf8').trim();
  }

  /** `kill -9`: no goodbye to anybody. */
  async kill(): Promise<void> {
    const child = this.#process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
  }

  /** Changes the database of a server that does not run: for what would else take minutes to come about. */
  async sql(statement: string): Promise<void> {
    const [file] = readdirSync(path.join(this.#folder, 'hereabouts-data')).filter((name) =>
      /sqlite3?$/.test(name),
    );
    const database = path.join(this.#folder, 'hereabouts-data', file ?? 'no database');
    const program =
      'import sqlite3, sys; db = sqlite3.connect(sys.argv[1]); db.execute(sys.argv[2]); db.commit()';
    await promisify(execFile)('python3', ['-c', program, database, statement]);
  }

  /** Starts again on the same port with the same data, and with more settings if there are any. */
  async restart(env: Readonly<Record<string, string>> = {}): Promise<void> {
    await this.kill();
    this.#options = { ...this.#options, env: { ...this.#options.env, ...env } };
    await this.#run();
  }

  async stop(): Promise<void> {
    await this.kill();
    this.#removeFolder();
  }

  /** Runs another command of the same binary in the same folder. */
  async command(...args: string[]): Promise<string> {
    const { stdout } = await promisify(execFile)(binary(), args, { cwd: this.#folder, env: this.#env() });
    return stdout.trim();
  }

  #env(): NodeJS.ProcessEnv {
    return {
      PATH: process.env.PATH,
      HOME: this.#folder,
      ...(process.env.HEREABOUTS_ASSETS && { HEREABOUTS_ASSETS: process.env.HEREABOUTS_ASSETS }),
      ...this.#options.env,
    };
  }

  async #run(): Promise<void> {
    const args = ['dev', '--bind', `127.0.0.1:${this.#port}`, '--internal-bind', '127.0.0.1:0'];
    const child = spawn(binary(), [...args, ...(this.#options.args ?? [])], {
      cwd: this.#folder,
      env: this.#env(),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#process = child;
    let fresh = '';
    const port = await new Promise<number>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`no address within ${START_LIMIT_MS} ms:\n${fresh}`)),
        START_LIMIT_MS,
      );
      const read = (chunk: Buffer) => {
        this.#log += chunk;
        fresh += chunk;
        const match = LISTENING.exec(fresh);
        if (!match) return;
        clearTimeout(timer);
        resolve(Number(match[2]));
      };
      child.stdout?.on('data', read);
      child.stderr?.on('data', read);
      child.once('error', (error) => {
        clearTimeout(timer);
        reject(error);
      });
      child.once('exit', (code) => {
        clearTimeout(timer);
        reject(new Error(`the server ended with ${code}:\n${fresh}`));
      });
    });
    this.#port = port;
  }

  #removeFolder(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** `HEREABOUTS_BIN`, or the debug build. */
export function binary(): string {
  const target = process.env.CARGO_TARGET_DIR ?? path.join(ROOT, 'target');
  const file = process.env.HEREABOUTS_BIN ?? path.join(target, 'debug/hereabouts');
  if (!existsSync(file))
    throw new Error(`${file} is missing: build it with \`cargo build -p hereabouts\`, or set HEREABOUTS_BIN`);
  return path.resolve(file);
}
