import { k8s } from './k8s';
import { resources, texts, userId } from './kubernetes-rules';
import {
  configMapKey,
  dnsLabel,
  isObjectNotList,
  objectName,
  oneOfRule,
  patternRule,
  port,
  wholeNumberRule,
  yesOrNo,
} from './option-rules';
import type { ContainerSpec } from './pods';
import {
  combineRulesWithAnd,
  listRule,
  markRuleAsRequired,
  objectRule,
  type RuleTable,
  text,
} from './structure-rules';
import { joinOptionPath, problemsOfValue, type Rule, ruleViolationText } from './validation';

/** Counts the leaf values in an object, at all levels. */
function countLeafValues(value: unknown): number {
  if (value === undefined) return 0;
  const isTree = Array.isArray(value) || Object.getPrototypeOf(Object(value)) === Object.prototype;
  if (!isTree || typeof value !== 'object' || value === null) return 1;
  const held = Object.values(value).filter((one) => one !== undefined);
  return held.length ? held.reduce<number>((sum, one) => sum + countLeafValues(one), 0) : 1;
}

/** Returns a rule that refuses unknown fields in a Kubernetes object. cdk8s would silently drop these fields. */
const fieldsKnownToCdk8sRule = <T>(what: string, toJson: (value: T) => unknown): Rule => ({
  allowed: `${what} in Kubernetes' format, with the field names of cdk8s' types`,
  accepts: (value) => {
    if (!isObjectNotList(value)) return false;
    try {
      return countLeafValues(toJson(value as T)) === countLeafValues(value);
    } catch {
      return false;
    }
  },
});

/**
 * Returns a validation rule for a list of objects. Each object must match `rule`. Two objects must not have the same
 * value in the field `field`.
 */
const uniqueFieldValuesRule = (field: string, rule: Rule): Rule =>
  combineRulesWithAnd(listRule(rule), {
    allowed: `a unique ${field} for each`,
    accepts: (value) => {
      const all = (value as readonly object[]).map((one) => Reflect.get(one, field));
      return new Set(all).size === all.length;
    },
  });

const mode = wholeNumberRule(0, 0o777);
const path = patternRule(/^\/[^:]*$/, 'an absolute path without ":", such as "/data"', 4_000);
const relativePath = patternRule(/^(?!\/)(?!.*(^|\/)\.\.(\/|$)).+$/, 'a relative path without ".."', 4_000);
const items = listRule(
  objectRule<k8s.KeyToPath>({
    key: markRuleAsRequired(configMapKey),
    mode,
    path: markRuleAsRequired(relativePath),
  }),
);

const size: Rule = {
  allowed: 'k8s.Quantity.fromString("64Mi")',
  accepts: (value) =>
    value instanceof k8s.Quantity && /^\d+(\.\d+)?(m|[kMGTPE]|[KMGTPE]i)?$/.test(String(value.value)),
};

/**
 * Validation rules of the most frequent volume sources of edge workloads. For all other volume sources, the only check
 * is the one for unknown fields.
 */
const SOURCES: Readonly<Record<string, Rule>> = {
  hostPath: objectRule<k8s.HostPathVolumeSource>({
    path: markRuleAsRequired(path),
    type: oneOfRule(
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
  emptyDir: objectRule<k8s.EmptyDirVolumeSource>({
    medium: patternRule(/^(Memory|HugePages(-\d+[KMG]i)?)?$/, '"Memory"'),
    sizeLimit: size,
  }),
  configMap: objectRule<k8s.ConfigMapVolumeSource>({
    name: objectName,
    defaultMode: mode,
    items,
    optional: yesOrNo,
  }),
  secret: objectRule<k8s.SecretVolumeSource>({
    secretName: objectName,
    defaultMode: mode,
    items,
    optional: yesOrNo,
  }),
};

/** Validation rule for a volume with a name and exactly one source. */
const volume: Rule = {
  allowed: "a volume in Kubernetes' format with a name and one source, such as hostPath",
  accepts: (value) => volume.problems?.(value, '').length === 0,
  problems: (value, at) => {
    const sources = isObjectNotList(value) ? Object.entries(value).filter(([key]) => key !== 'name') : [];
    const [[kind, source] = []] = sources;
    if (!isObjectNotList(value) || sources.length !== 1 || !kind)
      return [ruleViolationText(at, value, volume)];
    const rule = SOURCES[kind];
    return [
      ...problemsOfValue(joinOptionPath(at, 'name'), Reflect.get(value, 'name') ?? null, dnsLabel),
      ...(rule
        ? problemsOfValue(joinOptionPath(at, kind), source, rule)
        : problemsOfValue(at, value, fieldsKnownToCdk8sRule('a volume', k8s.toJson_Volume))),
    ];
  },
};

/** Validation rule for the volumes of a pod. */
export const volumes = uniqueFieldValuesRule('name', volume);

/** Validation rule for the volume mounts of a container. */
export const volumeMounts = uniqueFieldValuesRule(
  'mountPath',
  objectRule<k8s.VolumeMount>({
    name: markRuleAsRequired(dnsLabel),
    mountPath: markRuleAsRequired(path),
    mountPropagation: oneOfRule('None', 'HostToContainer', 'Bidirectional'),
    readOnly: yesOrNo,
    subPath: relativePath,
    subPathExpr: relativePath,
  }),
);

const variable = combineRulesWithAnd(
  objectRule<k8s.EnvVar>({
    name: markRuleAsRequired(
      patternRule(
        /^[A-Za-z_][A-Za-z0-9_.-]*$/,
        'the name of an environment variable: letters, digits, "_", "-" and ".", not starting with a digit, "-" or "."',
      ),
    ),
    value: text,
    valueFrom: fieldsKnownToCdk8sRule(
      'a source of an environment variable, such as { secretKeyRef: { ... } },',
      k8s.toJson_EnvVarSource,
    ),
  }),
  {
    allowed: 'either the field "value" or the field "valueFrom"',
    accepts: (one) => {
      const { value, valueFrom } = one as k8s.EnvVar;
      return value === undefined || valueFrom === undefined;
    },
  },
);

/** Validation rule for the environment variables of a container. */
export const env = uniqueFieldValuesRule('name', variable);

const capabilities = objectRule<k8s.Capabilities>({ add: texts, drop: texts });

/** Validation rule for the security context of a container. */
export const securityContext = objectRule<k8s.SecurityContext & { readonly appArmorProfile?: unknown }>({
  allowPrivilegeEscalation: yesOrNo,
  // cdk8s has no type for this field yet.
  appArmorProfile: {
    allowed: 'no value, because cdk8s has no type for this field: set the AppArmor annotation of the pod',
    accepts: () => false,
  },
  capabilities,
  privileged: yesOrNo,
  procMount: oneOfRule('Default', 'Unmasked'),
  readOnlyRootFilesystem: yesOrNo,
  runAsGroup: userId,
  runAsNonRoot: yesOrNo,
  runAsUser: userId,
  seLinuxOptions: objectRule<k8s.SeLinuxOptions>({ level: text, role: text, type: text, user: text }),
  seccompProfile: objectRule<k8s.SeccompProfile>({
    localhostProfile: text,
    type: markRuleAsRequired(oneOfRule('Localhost', 'RuntimeDefault', 'Unconfined')),
  }),
  windowsOptions: fieldsKnownToCdk8sRule('Windows options', k8s.toJson_WindowsSecurityContextOptions),
});

const ports = uniqueFieldValuesRule(
  'name',
  objectRule<k8s.ContainerPort>({
    name: patternRule(
      /^(?=.*[a-z])[a-z0-9]+(-[a-z0-9]+)*$/,
      'up to 15 lower-case letters, digits and dashes',
      15,
    ),
    containerPort: markRuleAsRequired(port),
    hostPort: port,
    hostIp: patternRule(/^[0-9A-Fa-f:.]+$/, 'an IP address, such as "127.0.0.1"'),
    protocol: oneOfRule('TCP', 'UDP', 'SCTP'),
  }),
);

const probe = fieldsKnownToCdk8sRule('a probe', k8s.toJson_Probe);

const CONTAINER: RuleTable<ContainerSpec> = {
  name: markRuleAsRequired(dnsLabel),
  image: markRuleAsRequired(text),
  resources: markRuleAsRequired(resources),
  command: texts,
  args: texts,
  env,
  envFrom: listRule(fieldsKnownToCdk8sRule('a source of variables', k8s.toJson_EnvFromSource)),
  volumeMounts,
  volumeDevices: listRule(fieldsKnownToCdk8sRule('a device', k8s.toJson_VolumeDevice)),
  securityContext,
  ports,
  imagePullPolicy: oneOfRule('Always', 'IfNotPresent', 'Never'),
  lifecycle: fieldsKnownToCdk8sRule('a lifecycle', k8s.toJson_Lifecycle),
  livenessProbe: probe,
  readinessProbe: probe,
  startupProbe: probe,
  stdin: yesOrNo,
  stdinOnce: yesOrNo,
  terminationMessagePath: path,
  terminationMessagePolicy: oneOfRule('File', 'FallbackToLogsOnError'),
  tty: yesOrNo,
  workingDir: path,
};

/** Validation rule for a container. */
export const container = objectRule<ContainerSpec>(CONTAINER);
