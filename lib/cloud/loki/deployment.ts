import { annotations, matches, objectName, oneOf, wholeNumber, yesOrNo } from '../../core/option-rules';
import {
  NO_OPTIONS,
  type NoOptions,
  type OptionTable,
  optionsOf,
  optionsRule,
} from '../../core/option-table';
import { problemsOf, type Rule, violationText } from '../../core/validation';

/** An S3-compatible bucket: Amazon S3, MinIO, Ceph and so on. */
export interface S3Storage {
  /** Name of the bucket, which must exist. */
  readonly bucket: string;
  /** Region of the bucket. @default "us-east-1" - ignored by servers other than Amazon's */
  readonly region?: string;
  /** URL of a server other than Amazon's, such as `https://minio.example.com:9000`. @default - Amazon S3 */
  readonly endpoint?: string;
  /**
   * Whether the bucket's name is part of the path instead of the host name.
   * @default - true if `endpoint` is set
   */
  readonly pathStyle?: boolean;
  /**
   * Secret whose key `credentials` holds an AWS shared credentials file.
   * @default - the identity of the workload
   */
  readonly credentialsSecretName?: string;
  /**
   * Annotations of the service account for a workload identity, such as `eks.amazonaws.com/role-arn`.
   * @default - none
   */
  readonly identityAnnotations?: Readonly<Record<string, string>>;
}

/** Properties for `replicated`. */
export interface ReplicatedProps {
  /** Bucket for log lines and index, shared by all replicas. */
  readonly objectStorage: S3Storage;
  /** Number of replicas, at least 3, since each line is stored on three of them. @default 3 */
  readonly replicas?: number;
  /**
   * When queries return log lines that arrive more than two and a half hours late. `at-once`: queries also
   * search the memory of replicas, as far back as late lines are accepted, and each replica reads the bucket
   * for it. `when-written`: half an hour after the last line of a chunk, when the chunk is in the bucket.
   * @default - "at-once" where all lines are retained for at least twice `maxLineAge`, else "when-written"
   */
  readonly lateLines?: 'at-once' | 'when-written';
}

/** Deployment mode of Loki: `singleBinary()` or `replicated({ ... })`. */
export type LokiDeployment =
  | { readonly mode: 'singleBinary' }
  | ({ readonly mode: 'replicated'; readonly replicas: number } & ReplicatedProps);

/** Rule for the name of a bucket. */
const bucket = matches(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'the name of a bucket, such as "our-logs"');

const endpoint = matches(
  /^https?:\/\/([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:\d{1,5})?$/,
  'http:// or https:// with a host and, where needed, a port, such as "https://minio.example.com:9000"',
  2_000,
);

/** The options of a bucket. */
export const S3_STORAGE = {
  bucket: { rule: bucket },
  region: {
    rule: matches(/^[A-Za-z0-9-]+$/, 'the name of a region, such as "eu-1"'),
    default: 'us-east-1',
  },
  endpoint: { rule: endpoint, default: undefined },
  pathStyle: { rule: yesOrNo, derive: ({ endpoint }) => endpoint !== undefined },
  credentialsSecretName: { rule: objectName, default: undefined },
  identityAnnotations: { rule: annotations, default: undefined },
} satisfies OptionTable<S3Storage>;

/** Number of replicas that store each line until it is in the bucket; one of them may fail. */
export const REPLICATION_FACTOR = 3;

/** The options of `replicated()`. */
export const REPLICATED_OPTIONS = {
  objectStorage: { rule: optionsRule<S3Storage>(S3_STORAGE) },
  replicas: { rule: wholeNumber(REPLICATION_FACTOR, 100), default: REPLICATION_FACTOR },
  lateLines: { rule: oneOf('at-once', 'when-written'), default: undefined },
} satisfies OptionTable<ReplicatedProps>;

/**
 * Deployment of a single Loki that stores everything on its volume: suitable for most fleets.
 * @throws InvalidOptionError when options are given.
 */
export function singleBinary(options: NoOptions = {}): LokiDeployment {
  optionsOf('singleBinary', options, NO_OPTIONS);
  return { mode: 'singleBinary' };
}

/**
 * Deployment of several identical replicas with a shared bucket, which coordinate by gossip behind the guard.
 * Capacity grows with their number. Their volumes hold the lines that are not in the bucket yet.
 * @throws InvalidOptionError when an option is invalid.
 */
export function replicated(props: ReplicatedProps): LokiDeployment {
  return { ...optionsOf('replicated', props, REPLICATED_OPTIONS), mode: 'replicated' };
}

type Deployment<M extends LokiDeployment['mode']> = Extract<LokiDeployment, { readonly mode: M }>;

const SINGLE = { mode: { rule: oneOf('singleBinary') } } satisfies OptionTable<Deployment<'singleBinary'>>;

/** The options of a replicated deployment, as returned by `replicated()`. */
export const REPLICATED_DEPLOYMENT = {
  ...REPLICATED_OPTIONS,
  mode: { rule: oneOf('replicated') },
  replicas: { rule: REPLICATED_OPTIONS.replicas.rule },
} satisfies OptionTable<Deployment<'replicated'>>;

const byMode = {
  singleBinary: optionsRule<Deployment<'singleBinary'>>(SINGLE),
  replicated: optionsRule<Deployment<'replicated'>>(REPLICATED_DEPLOYMENT),
};

/** Rule for a deployment mode. */
export const lokiDeployment: Rule = {
  allowed: 'singleBinary() or replicated({ objectStorage: { bucket: "name" } })',
  accepts: (value) => lokiDeployment.problems?.(value, '').length === 0,
  problems: (value, path) => {
    const mode: unknown = Reflect.get(Object(value), 'mode');
    return mode === 'singleBinary' || mode === 'replicated'
      ? problemsOf(path, value, byMode[mode])
      : [violationText(path, value, lokiDeployment)];
  },
};
