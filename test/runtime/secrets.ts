import type { Manifest } from '../support/manifests';
import { run } from './programs';

/** A user name and its password. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** Creates a Secret. */
export function secret(
  namespace: string,
  name: string,
  stringData: Readonly<Record<string, string>>,
): Manifest {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { namespace, name }, stringData };
}

/** Returns a line of an htpasswd file, with an APR1 hash. */
export function htpasswd({ username, password }: Credentials): string {
  return `${username}:${run('openssl', 'passwd', '-apr1', password).trim()}\n`;
}
