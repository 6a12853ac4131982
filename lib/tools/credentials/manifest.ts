import { Document, isScalar, type YAMLMap } from 'yaml';

/** Labels and annotations of all Secrets. */
export interface SecretMetadata {
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** A Secret, for kubectl or sealing tools. */
export interface SecretManifest {
  readonly apiVersion: 'v1';
  readonly kind: 'Secret';
  readonly metadata: SecretMetadata & { readonly name: string; readonly namespace: string };
  readonly type: string;
  readonly stringData: Readonly<Record<string, string>>;
}

/** Renders Secrets as a YAML stream. */
export function secretsToYaml(manifests: readonly SecretManifest[]): string {
  return manifests.map(renderDocument).join('---\n');
}

function renderDocument(manifest: SecretManifest): string {
  const document = new Document(manifest, { version: '1.1' });
  // Always quoted, since kubectl would parse a bare 0o17 or 0X1F as a number and refuse it.
  for (const { value } of (document.get('stringData') as YAMLMap).items) {
    if (isScalar<string>(value) && !value.value.includes('\n')) value.type = 'QUOTE_DOUBLE';
  }
  return document.toString({ lineWidth: 0 });
}
