import type { Manifest } from '../support/manifests';
import { run } from './programs';

/** A name and its password. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** A Secret made by a test. */
export function secret(
  namespace: string,
  name: string,
  stringData: Readonly<Record<string, string>>,
): Manifest {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { namespace, name }, stringData };
}

/** A line of an htpasswd file. */
export function htpasswd({ username, password }: Credentials): string {
  return `${username}:${run('openssl', 'passwd', '-apr1', password).trim()}\n`;
}
