import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Credentials for a registry: user name and password, or an OAuth 2 refresh token. */
export type RegistryLogin =
  | { readonly username: string; readonly password: string }
  /** An OAuth 2 refresh token. */
  | { readonly refreshToken: string };

/** The fields with credentials in Docker's config.json. */
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

/** Key of the credentials for Docker Hub in config.json. */
const DOCKER_HUB = 'https://index.docker.io/v1/';

/** Allowed names of credential helpers, without a slash, so that a name cannot be the path of another program. */
const HELPER_NAME = /^[A-Za-z0-9._-]+$/;

/**
 * Finds the credentials for a registry. Asks the credential helper that Docker's config.json names. Without a helper,
 * or if the helper has no credentials, reads them from config.json. The environment variable `DOCKER_CONFIG` sets the
 * folder of config.json, by default `~/.docker`. Returns `undefined` if there are no credentials for the registry.
 * @throws Error when the file is invalid, or when the credential helper fails.
 */
export async function findRegistryLogin(registry: string): Promise<RegistryLogin | undefined> {
  const path = join(process.env.DOCKER_CONFIG || join(homedir(), '.docker'), 'config.json');
  const { auths = {}, credHelpers = {}, credsStore } = readDockerConfig(path);
  const helper = credHelpers[registry] ?? credsStore;
  const stored = helper ? await runCredentialHelper(helper, registry, path) : undefined;
  return stored ?? decodeStoredLogin(findStoredLogin(registry, auths), path);
}

function readDockerConfig(path: string): DockerConfig {
  if (!existsSync(path)) return {};
  try {
    return JSON.parse(readFileSync(path, 'utf8')) ?? {};
  } catch {
    // The error of the parser is not part of the message, because it would contain a part of the file.
    throw new Error(`${path} cannot be read or is not valid JSON: check the file, or run docker login again`);
  }
}

function findStoredLogin(
  registry: string,
  auths: Readonly<Record<string, StoredLogin>>,
): StoredLogin | undefined {
  const names = registry === 'docker.io' ? [DOCKER_HUB, 'index.docker.io', 'docker.io'] : [registry];
  const found = Object.entries(auths).find(
    ([key]) => names.includes(key) || names.includes(registryHostFromDockerConfigKey(key)),
  );
  return found?.[1];
}

/** Returns the host in a key of `auths` in config.json. Older versions of Docker store a URL as the key. */
const registryHostFromDockerConfigKey = (key: string): string =>
  key.replace(/^https?:\/\//, '').replace(/\/.*$/, '');

function decodeStoredLogin(stored: StoredLogin | undefined, path: string): RegistryLogin | undefined {
  if (!stored) return undefined;
  if (stored.identitytoken) return { refreshToken: stored.identitytoken };
  if (stored.username && stored.password) return { username: stored.username, password: stored.password };
  if (!stored.auth) return undefined;
  const [, username, password] =
    /^([^:]+):([\s\S]*?)\0*$/.exec(Buffer.from(stored.auth, 'base64').toString()) ?? [];
  if (username === undefined || password === undefined) {
    throw new Error(
      `the value of "auth" of a registry in ${path} is not user:password in base64: run docker login again`,
    );
  }
  return { username, password };
}

/**
 * Runs the credential helper `docker-credential-NAME get`. The helper reads the name of the registry from standard input, and
 * prints the credentials as JSON. Returns `undefined` if the helper has no credentials for the registry.
 */
function runCredentialHelper(
  name: string,
  registry: string,
  path: string,
): Promise<RegistryLogin | undefined> {
  const program = `docker-credential-${name}`;
  if (!HELPER_NAME.test(name)) {
    throw new Error(
      `the credential helper in ${path} has an invalid name; allowed: letters, digits, ".", "_" and "-", such as "pass"`,
    );
  }
  return new Promise((resolve, reject) => {
    const child = execFile(program, ['get'], { timeout: 60_000 }, (failure, stdout) => {
      if (!failure) return resolve(parseCredentialHelperOutputOrReject(stdout, program, reject));
      // Helpers print this text if they have no credentials for the registry.
      if (/credentials not found/i.test(stdout)) return resolve(undefined);
      const reason =
        failure.code === 'ENOENT' ? 'the program is not installed' : stdout.trim() || failure.message;
      reject(new Error(`the credential helper ${program} in ${path} failed: ${reason}`));
    });
    // Errors of the pipe are ignored: a helper that does not read its input prints its own error.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(registry === 'docker.io' ? DOCKER_HUB : registry);
  });
}

function parseCredentialHelperOutputOrReject(
  stdout: string,
  program: string,
  reject: (error: Error) => void,
): RegistryLogin | undefined {
  try {
    const { Username, Secret } = JSON.parse(stdout);
    if (typeof Username !== 'string' || typeof Secret !== 'string') throw new Error('no login');
    // docker-credential-pass prints empty values if it has no credentials for the registry.
    if (!Username && !Secret) return undefined;
    return Username === '<token>' ? { refreshToken: Secret } : { username: Username, password: Secret };
  } catch {
    reject(
      new Error(`the credential helper ${program} did not print credentials as JSON: run docker login again`),
    );
    return undefined;
  }
}
