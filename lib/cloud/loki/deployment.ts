import {
  annotations,
  objectName,
  oneOfRule,
  patternRule,
  wholeNumberRule,
  yesOrNo,
} from '../../core/option-rules';
import {
  NO_OPTIONS,
  type NoOptions,
  type OptionTable,
  optionsRule,
  validateAndApplyDefaults,
} from '../../core/option-table';
import { problemsOfValue, type Rule, ruleViolationText } from '../../core/validation';

/** A bucket of an S3-compatible object storage, such as Amazon S3, MinIO or Ceph. */
export interface S3Storage {
  /** Name of the bucket. The bucket must exist. */
  readonly bucket: string;
  /** Region of the bucket. @default "us-east-1" - servers other than Amazon S3 ignore the region */
  readonly region?: string;
  /** URL of the S3-compatible server, such as `https://minio.example.com:9000`. @default - Amazon S3 */
  readonly endpoint?: string;
  /**
   * Whether the bucket's name is in the path of URLs (path-style) instead of the host name.
   * @default - true if `endpoint` is set, else false
   */
  readonly pathStyle?: boolean;
  /**
   * Name of the Secret that has an AWS shared credentials file under the key `credentials`.
   * @default - no Secret; Loki uses the workload identity of its service account
   */
  readonly credentialsSecretName?: string;
  /**
   * Annotations that give Loki's service account a workload identity, such as
   * `eks.amazonaws.com/role-arn`.
   * @default - no annotations
   */
  readonly identityAnnotations?: Readonly<Record<string, string>>;
}

/** Properties for `replicated`. */
export interface ReplicatedProps {
  /** Bucket for log lines and index, which all replicas share. */
  readonly objectStorage: S3Storage;
  /** Number of replicas. The minimum is 3, because Loki stores each line on three replicas. @default 3 */
  readonly replicas?: number;
  /**
   * Determines when queries find log lines that arrive more than two and a half hours late.
   * `at-once`: immediately. For lines of the last `maxLineAge`, queries then also search the memory of all replicas.
   * `at-once` costs more: each replica reads the bucket and keeps its own index for these lines.
   * `when-written`: when the chunk with the lines is in the bucket, which is half an hour after the last line of the
   * chunk.
   * @default - "at-once" if all lines are retained for at least twice `maxLineAge`, else "when-written"
   */
  readonly lateLines?: 'at-once' | 'when-written';
}

/** Deployment mode of Loki: `singleBinary()` or `replicated({ ... })`. */
export type LokiDeployment =
  | { readonly mode: 'singleBinary' }
  | ({ readonly mode: 'replicated'; readonly replicas: number } & ReplicatedProps);

/** Validates the name of a bucket. */
const bucket = patternRule(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'the name of a bucket, such as "our-logs"');

const endpoint = patternRule(
  /^https?:\/\/([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:\d{1,5})?$/,
  'http:// or https://, a host and optionally a port, without a path, such as "https://minio.example.com:9000"',
  2_000,
);

/** Validation rule and default of each option of `S3Storage`. */
export const S3_STORAGE = {
  bucket: { rule: bucket },
  region: {
    rule: patternRule(/^[A-Za-z0-9-]+$/, 'the name of a region, such as "eu-1"'),
    default: 'us-east-1',
  },
  endpoint: { rule: endpoint, default: undefined },
  pathStyle: { rule: yesOrNo, derive: ({ endpoint }) => endpoint !== undefined },
  credentialsSecretName: { rule: objectName, default: undefined },
  identityAnnotations: { rule: annotations, default: undefined },
} satisfies OptionTable<S3Storage>;

/**
 * Number of replicas that store each line until the line is in the bucket. If one of these replicas fails, no line is
 * lost.
 */
export const REPLICATION_FACTOR = 3;

/** Validation rule and default of each option of `replicated()`. */
export const REPLICATED_OPTIONS = {
  objectStorage: { rule: optionsRule<S3Storage>(S3_STORAGE) },
  replicas: { rule: wholeNumberRule(REPLICATION_FACTOR, 100), default: REPLICATION_FACTOR },
  lateLines: { rule: oneOfRule('at-once', 'when-written'), default: undefined },
} satisfies OptionTable<ReplicatedProps>;

/**
 * Returns the deployment mode with a single Loki that stores everything on its volume. This mode is suitable
 * for most fleets.
 * @throws InvalidOptionError when options are given.
 */
export function singleBinary(options: NoOptions = {}): LokiDeployment {
  validateAndApplyDefaults('singleBinary', options, NO_OPTIONS);
  return { mode: 'singleBinary' };
}

/**
 * Returns the deployment mode with several identical replicas that share a bucket. The replicas coordinate by
 * gossip. More replicas have more capacity. The volume of a replica holds the lines that are not in the bucket yet.
 * @throws InvalidOptionError when an option is invalid.
 */
export function replicated(props: ReplicatedProps): LokiDeployment {
  return { ...validateAndApplyDefaults('replicated', props, REPLICATED_OPTIONS), mode: 'replicated' };
}

type Deployment<M extends LokiDeployment['mode']> = Extract<LokiDeployment, { readonly mode: M }>;

const SINGLE_BINARY_DEPLOYMENT = { mode: { rule: oneOfRule('singleBinary') } } satisfies OptionTable<
  Deployment<'singleBinary'>
>;

/** Validation rule of each field of a value that `replicated()` returned. */
export const REPLICATED_DEPLOYMENT = {
  ...REPLICATED_OPTIONS,
  mode: { rule: oneOfRule('replicated') },
  replicas: { rule: REPLICATED_OPTIONS.replicas.rule },
} satisfies OptionTable<Deployment<'replicated'>>;

const byMode = {
  singleBinary: optionsRule<Deployment<'singleBinary'>>(SINGLE_BINARY_DEPLOYMENT),
  replicated: optionsRule<Deployment<'replicated'>>(REPLICATED_DEPLOYMENT),
};

/** Validates a deployment mode. */
export const lokiDeployment: Rule = {
  allowed: 'singleBinary() or replicated({ objectStorage: { bucket: "name" } })',
  accepts: (value) => lokiDeployment.problems?.(value, '').length === 0,
  problems: (value, path) => {
    const mode: unknown = Reflect.get(Object(value), 'mode');
    return mode === 'singleBinary' || mode === 'replicated'
      ? problemsOfValue(path, value, byMode[mode])
      : [ruleViolationText(path, value, lokiDeployment)];
  },
};
