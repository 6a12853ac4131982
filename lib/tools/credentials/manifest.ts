import { Document, isScalar, type YAMLMap } from 'yaml';

/** Labels and annotations of all Secrets that the command `credentials` creates. */
export interface SecretMetadata {
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Manifest of a Secret, for kubectl or a sealing tool. */
export interface SecretManifest {
  readonly apiVersion: 'v1';
  readonly kind: 'Secret';
  readonly metadata: SecretMetadata & { readonly name: string; readonly namespace: string };
  readonly type: string;
  readonly stringData: Readonly<Record<string, string>>;
}

/** Renders Secrets as YAML documents. */
export function secretsToYaml(manifests: readonly SecretManifest[]): string {
  return manifests.map(renderSecretDocument).join('---\n');
}

function renderSecretDocument(manifest: SecretManifest): string {
  const document = new Document(manifest, { version: '1.1' });
  // Values are always quoted: without quotes, kubectl would parse 0o17 or 0X1F as a number and refuse the Secret.
  for (const { value } of (document.get('stringData') as YAMLMap).items) {
    if (isScalar<string>(value) && !value.value.includes('\n')) value.type = 'QUOTE_DOUBLE';
  }
  return document.toString({ lineWidth: 0 });
}
