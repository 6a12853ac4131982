import type { Manifest } from '../support/manifests';
import { kubectl, list } from './cluster';

/**
 * Creates copies of all Ingress objects and their TLS Secrets, so that the old host names are still served after the
 * host names of the environment change.
 */
export async function serveByCopies(): Promise<void> {
  const ingresses = await list('ingresses', '--namespace', 'monitoring');
  const names = new Set(ingresses.flatMap(({ spec }) => spec.tls.map(nameOfSecret)));
  const secrets = await list('secrets', '--namespace', 'monitoring');
  for (const secret of secrets.filter(({ metadata }) => names.has(metadata.name))) {
    await create({ ...copyOf(secret), type: secret.type, data: secret.data });
  }
  for (const ingress of ingresses) {
    const tls = ingress.spec.tls.map((one: Tls) => ({ ...one, secretName: `${nameOfSecret(one)}-old` }));
    await create({ ...copyOf(ingress, ingress.metadata.annotations), spec: { ...ingress.spec, tls } });
  }
}

interface Tls {
  readonly secretName: string;
}

const nameOfSecret = ({ secretName }: Tls): string => secretName;

const copyOf = ({ apiVersion, kind, metadata: { name, namespace } }: Manifest, annotations?: object) => ({
  ...{ apiVersion, kind },
  metadata: { name: `${name}-old`, namespace, annotations },
});

const create = (object: object) => kubectl(['create', '--filename', '-'], JSON.stringify(object));
