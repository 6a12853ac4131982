import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Credentials for a registry. */
export type RegistryLogin =
  | { readonly username: string; readonly password: string }
  /** An OAuth 2 refresh token. */
  | { readonly refreshToken: string };

/** The part of Docker's configuration with credentials. */
interface DockerConfig {
  readonly auths?: Readonly<Record<string, StoredLogin>>;
  readonly credHelpers?: Readonly<Record<string, string>>;
  readonly credsStore?: string;
}

interface StoredLogin {
  readonly auth?: string;
  readonly username?: string;
  readonly password?: string;
  readonly identitytoken?: string;
}

/** Key under which Docker stores the credentials of Docker Hub. */
const DOCKER_HUB = 'https://index.docker.io/v1/';

/** Allowed names of helpers, so that no other program can be run. */
const HELPER_NAME = /^[A-Za-z0-9._-]+$/;

/**
 * Returns the credentials for a registry from Docker's configuration: `config.json` in the folder of the
 * variable DOCKER_CONFIG, or in `~/.docker`.
 * @throws Error when the configuration cannot be read, or its helper fails.
 */
export async function findRegistryLogin(registry: string): Promise<RegistryLogin | undefined> {
  const path = join(process.env.DOCKER_CONFIG || join(homedir(), '.docker'), 'config.json');
  const { auths = {}, credHelpers = {}, credsStore } = readDockerConfig(path);
  const helper = credHelpers[registry] ?? credsStore;
  const stored = helper ? await runCredentialHelper(helper, registry, path) : undefined;
  return stored ?? decodeLogin(findStoredLogin(registry, auths), path);
}

function readDockerConfig(path: string): DockerConfig {
  if (!existsSync(path)) return {};
  try {
    return JSON.parse(readFileSync(path, 'utf8')) ?? {};
  } catch {
    // The original error would contain the file's content.
    throw new Error(`${path} cannot be read, or is not JSON`);
  }
}

function findStoredLogin(
  registry: string,
  auths: Readonly<Record<string, StoredLogin>>,
): StoredLogin | undefined {
  const names = registry === 'docker.io' ? [DOCKER_HUB, 'index.docker.io', 'docker.io'] : [registry];
  const found = Object.entries(auths).find(([key]) => names.includes(key) || names.includes(hostOfKey(key)));
  return found?.[1];
}

/** Older versions of Docker also store a scheme and a path. */
const hostOfKey = (key: string): string => key.replace(/^https?:\/\//, '').replace(/\/.*$/, '');

function decodeLogin(stored: StoredLogin | undefined, path: string): RegistryLogin | undefined {
  if (!stored) return undefined;
  if (stored.identitytoken) return { refreshToken: stored.identitytoken };
  if (stored.username && stored.password) return { username: stored.username, password: stored.password };
  if (!stored.auth) return undefined;
  const [, username, password] =
    /^([^:]+):([\s\S]*?)\0*$/.exec(Buffer.from(stored.auth, 'base64').toString()) ?? [];
  if (username === undefined || password === undefined) {
    throw new Error(`an "auth" in ${path} is not base64 of user:password: run docker login again`);
  }
  return { username, password };
}

/** Runs `docker-credential-NAME get`, which reads the registry's name and prints the credentials as JSON. */
function runCredentialHelper(
  name: string,
  registry: string,
  path: string,
): Promise<RegistryLogin | undefined> {
  const program = `docker-credential-${name}`;
  if (!HELPER_NAME.test(name))
    throw new Error(`the credential helper in ${path} is not the name of a program`);
  return new Promise((resolve, reject) => {
    const child = execFile(program, ['get'], { timeout: 60_000 }, (failure, stdout) => {
      if (!failure) return resolve(parseHelperOutput(stdout, program, reject));
      // Output of helpers without credentials for this registry.
      if (/credentials not found/i.test(stdout)) return resolve(undefined);
      const reason = failure.code === 'ENOENT' ? 'it is not installed' : stdout.trim() || failure.message;
      reject(new Error(`${program}, which ${path} names, failed: ${reason}`));
    });
    // A helper that does not read its input reports its own error.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(registry === 'docker.io' ? DOCKER_HUB : registry);
  });
}

function parseHelperOutput(
  stdout: string,
  program: string,
  reject: (error: Error) => void,
): RegistryLogin | undefined {
  try {
    const { Username, Secret } = JSON.parse(stdout);
    if (typeof Username !== 'string' || typeof Secret !== 'string') throw new Error('no login');
    // Output of docker-credential-pass without credentials for this registry.
    if (!Username && !Secret) return undefined;
    return Username === '<token>' ? { refreshToken: Secret } : { username: Username, password: Secret };
  } catch {
    reject(new Error(`${program} printed no login in JSON`));
    return undefined;
  }
}
