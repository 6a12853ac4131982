import { k8s } from './k8s';
import { resources, texts, userId } from './kubernetes-rules';
import {
  configMapKey,
  dnsLabel,
  isRecord,
  matching,
  objectName,
  oneOf,
  port,
  wholeNumber,
  yesOrNo,
} from './option-rules';
import type { ContainerSpec } from './pods';
import { also, each, options, type RuleTable, required, text } from './structure-rules';
import { below, problemsOf, type Rule, violation } from './validation';

/** Counts the values in an object, at all levels. */
function valuesIn(value: unknown): number {
  if (value === undefined) return 0;
  const isTree = Array.isArray(value) || Object.getPrototypeOf(Object(value)) === Object.prototype;
  if (!isTree || typeof value !== 'object' || value === null) return 1;
  const held = Object.values(value).filter((one) => one !== undefined);
  return held.length ? held.reduce<number>((sum, one) => sum + valuesIn(one), 0) : 1;
}

/** Rule for a Kubernetes object, which refuses unknown fields. cdk8s would silently drop them. */
const known = <T>(what: string, toJson: (value: T) => unknown): Rule => ({
  allowed: `${what} in Kubernetes' format, with the field names of cdk8s types`,
  accepts: (value) => {
    if (!isRecord(value)) return false;
    try {
      return valuesIn(toJson(value as T)) === valuesIn(value);
    } catch {
      return false;
    }
  },
});

/** Rule for a list whose members have distinct values in a field. */
const distinct = (field: string, rule: Rule): Rule =>
  also(each(rule), {
    allowed: `a unique ${field} for each`,
    accepts: (value) => {
      const all = (value as readonly object[]).map((one) => Reflect.get(one, field));
      return new Set(all).size === all.length;
    },
  });

const mode = wholeNumber(0, 0o777);
const path = matching(/^\/[^:]*$/, 'an absolute path without ":", such as "/data"', 4_000);
const relativePath = matching(/^(?!\/)(?!.*(^|\/)\.\.(\/|$)).+$/, 'a relative path without ".."', 4_000);
const items = each(
  options<k8s.KeyToPath>({
    key: required(configMapKey),
    mode,
    path: required(relativePath),
  }),
);

const size: Rule = {
  allowed: 'k8s.Quantity.fromString("64Mi")',
  accepts: (value) =>
    value instanceof k8s.Quantity && /^\d+(\.\d+)?(m|[kMGTPE]|[KMGTPE]i)?$/.test(String(value.value)),
};

/** The volume sources that edge workloads mostly use. */
const SOURCES: Readonly<Record<string, Rule>> = {
  hostPath: options<k8s.HostPathVolumeSource>({
    path: required(path),
    type: oneOf(
      '',
      'DirectoryOrCreate',
      'Directory',
      'FileOrCreate',
      'File',
      'Socket',
      'CharDevice',
      'BlockDevice',
    ),
  }),
  emptyDir: options<k8s.EmptyDirVolumeSource>({
    medium: matching(/^(Memory|HugePages(-\d+[KMG]i)?)?$/, '"Memory"'),
    sizeLimit: size,
  }),
  configMap: options<k8s.ConfigMapVolumeSource>({
    name: objectName,
    defaultMode: mode,
    items,
    optional: yesOrNo,
  }),
  secret: options<k8s.SecretVolumeSource>({
    secretName: objectName,
    defaultMode: mode,
    items,
    optional: yesOrNo,
  }),
};

/** Rule for a volume: a name and exactly one source. */
const volume: Rule = {
  allowed: 'a volume in the format of Kubernetes: a name, and one source such as hostPath',
  accepts: (value) => volume.problems?.(value, '').length === 0,
  problems: (value, at) => {
    const sources = isRecord(value) ? Object.entries(value).filter(([key]) => key !== 'name') : [];
    const [[kind, source] = []] = sources;
    if (!isRecord(value) || sources.length !== 1 || !kind) return [violation(at, value, volume)];
    const rule = SOURCES[kind];
    return [
      ...problemsOf(below(at, 'name'), Reflect.get(value, 'name') ?? null, dnsLabel),
      ...(rule
        ? problemsOf(below(at, kind), source, rule)
        : problemsOf(at, value, known('a volume', k8s.toJson_Volume))),
    ];
  },
};

/** Rule for the volumes of a pod. */
export const volumes = distinct('name', volume);

/** Rule for the volume mounts of a container. */
export const volumeMounts = distinct(
  'mountPath',
  options<k8s.VolumeMount>({
    name: required(dnsLabel),
    mountPath: required(path),
    mountPropagation: oneOf('None', 'HostToContainer', 'Bidirectional'),
    readOnly: yesOrNo,
    subPath: relativePath,
    subPathExpr: relativePath,
  }),
);

const variable = also(
  options<k8s.EnvVar>({
    name: required(matching(/^[A-Za-z_][A-Za-z0-9_.-]*$/, 'the name of a variable')),
    value: text,
    valueFrom: known('a source of a value', k8s.toJson_EnvVarSource),
  }),
  {
    allowed: 'either value or valueFrom',
    accepts: (one) => {
      const { value, valueFrom } = one as k8s.EnvVar;
      return value === undefined || valueFrom === undefined;
    },
  },
);

/** Rule for the environment variables of a container. */
export const env = distinct('name', variable);

const capabilities = options<k8s.Capabilities>({ add: texts, drop: texts });

/** Rule for the security context of a container. */
export const securityContext = options<k8s.SecurityContext & { readonly appArmorProfile?: unknown }>({
  allowPrivilegeEscalation: yesOrNo,
  // cdk8s has no type for this field yet.
  appArmorProfile: { allowed: 'none: use the AppArmor annotation', accepts: () => false },
  capabilities,
  privileged: yesOrNo,
  procMount: oneOf('Default', 'Unmasked'),
  readOnlyRootFilesystem: yesOrNo,
  runAsGroup: userId,
  runAsNonRoot: yesOrNo,
  runAsUser: userId,
  seLinuxOptions: options<k8s.SeLinuxOptions>({ level: text, role: text, type: text, user: text }),
  seccompProfile: options<k8s.SeccompProfile>({
    localhostProfile: text,
    type: required(oneOf('Localhost', 'RuntimeDefault', 'Unconfined')),
  }),
  windowsOptions: known('Windows options', k8s.toJson_WindowsSecurityContextOptions),
});

const ports = distinct(
  'name',
  options<k8s.ContainerPort>({
    name: matching(
      /^(?=.*[a-z])[a-z0-9]+(-[a-z0-9]+)*$/,
      'up to 15 lower-case letters, digits and dashes',
      15,
    ),
    containerPort: required(port),
    hostPort: port,
    hostIp: matching(/^[0-9A-Fa-f:.]+$/, 'an address, such as "127.0.0.1"'),
    protocol: oneOf('TCP', 'UDP', 'SCTP'),
  }),
);

const probe = known('a probe', k8s.toJson_Probe);

const CONTAINER: RuleTable<ContainerSpec> = {
  name: required(dnsLabel),
  image: required(text),
  resources: required(resources),
  command: texts,
  args: texts,
  env,
  envFrom: each(known('a source of variables', k8s.toJson_EnvFromSource)),
  volumeMounts,
  volumeDevices: each(known('a device', k8s.toJson_VolumeDevice)),
  securityContext,
  ports,
  imagePullPolicy: oneOf('Always', 'IfNotPresent', 'Never'),
  lifecycle: known('a lifecycle', k8s.toJson_Lifecycle),
  livenessProbe: probe,
  readinessProbe: probe,
  startupProbe: probe,
  stdin: yesOrNo,
  stdinOnce: yesOrNo,
  terminationMessagePath: path,
  terminationMessagePolicy: oneOf('File', 'FallbackToLogsOnError'),
  tty: yesOrNo,
  workingDir: path,
};

/** Rule for a container. */
export const container = options<ContainerSpec>(CONTAINER);
