import { defined } from './defined';
import { type ImageLock, locked } from './image-lock';
import { image as imageRule } from './image-reference';
import { type ImageMirror, mirrored } from './mirrors';
import { ARCHITECTURES, type Architecture } from './placement';
import { invalid, violation } from './validation';

/**
 * Every image of the stack, by the name that settings use for it. Upstream's own multi-architecture
 * images; all that run on the edge exist for amd64, arm64 and armv7.
 */
export const images = {
  prometheus: 'quay.io/prometheus/prometheus:v3.14.0',
  alertmanager: 'quay.io/prometheus/alertmanager:v0.34.0',
  pushgateway: 'quay.io/prometheus/pushgateway:v1.11.3',
  nodeExporter: 'quay.io/prometheus/node-exporter:v1.12.1',
  kubeStateMetrics: 'registry.k8s.io/kube-state-metrics/kube-state-metrics:v2.20.0',
  grafana: 'docker.io/grafana/grafana:13.2.0',
  loki: 'docker.io/grafana/loki:3.7.6',
  alloy: 'docker.io/grafana/alloy:v1.18.1',
  fluentBit: 'docker.io/fluent/fluent-bit:5.1.3',
  promtail: 'docker.io/grafana/promtail:3.6.11',
  vmagent: 'docker.io/victoriametrics/vmagent:v1.146.0',
  nginx: 'docker.io/nginxinc/nginx-unprivileged:1.30.4-alpine-slim',
  node: 'docker.io/library/node:24.11.1-alpine3.22',
  curl: 'docker.io/curlimages/curl:8.21.0',
} as const;

/** The name of an image of the stack. */
export type ImageName = keyof typeof images;

/** For which nodes images have to be built where nothing else is stated. */
export const DEFAULT_ARCHITECTURES: Required<ImageArchitectures> = {
  cloud: ['amd64', 'arm64'],
  edge: ARCHITECTURES,
};

/** How images are named where the cluster does not pull from the public registries. */
export interface ImageOptions {
  /**
   * Registries that hold copies of the images. One registry with an optional path takes the place of every host:
   * `quay.io/prometheus/prometheus:v3.14.0` becomes `<mirror>/prometheus/prometheus:v3.14.0`. With proxy caches, which
   * have a path for each registry, name the mirror of each:
   * `{ 'quay.io': 'harbor.example.com/quay', 'docker.io': 'harbor.example.com/dockerhub' }`. An image of a registry that
   * is missing there is an error; `'ghcr.io': 'ghcr.io'` leaves the images of ghcr.io where they are.
   * @default - the public registries
   */
  readonly mirror?: ImageMirror;
  /**
   * Other images, by name. They are taken as they are, without the mirror.
   * @default - the images of this release
   */
  readonly overrides?: Readonly<Partial<Record<ImageName, string>>>;
  /**
   * Digests to which images are pinned, as `npm run lock-images` writes them: `name:tag` becomes `name:tag@sha256:...`. An
   * image that is missing there is an error.
   * @default - what `images.lock.json` in the working directory holds, where `run` makes the app; otherwise tags alone
   */
  readonly lock?: ImageLock;
  /** For which nodes `npm run lock-images` wants every image. @default - all that the stack's own images are for */
  readonly architectures?: ImageArchitectures;
}

/** Architectures of nodes, by where they are. */
export interface ImageArchitectures {
  /** Of the nodes of the cloud. @default - amd64 and arm64 */
  readonly cloud?: readonly Architecture[];
  /** Of the edge nodes; of these, those count that a workload may be scheduled to. @default - amd64, arm64 and arm */
  readonly edge?: readonly Architecture[];
}

/** An image as pods name it, and where it comes from. */
export interface PulledImage {
  /** As pods name it. */
  readonly image: string;
  /** As its publisher names it, with the digest that the lock has. */
  readonly source: string;
  /** Whether it is taken as it is, without the mirror. */
  readonly isOverride: boolean;
  /** Of the nodes that have to run it. */
  readonly architectures: Required<ImageArchitectures>;
}

/**
 * The image to run for a name of the stack, or for a full reference of an exporter of your own.
 *
 * @throws InvalidOptionError when the reference has no tag, or the tag `latest`, no mirror is named
 *   for its registry, or the lock does not have it.
 */
export function resolveImage(nameOrReference: string, options: ImageOptions): PulledImage {
  const override = options.overrides?.[nameOrReference as ImageName];
  const named = override ?? images[nameOrReference as ImageName] ?? nameOrReference;
  if (!imageRule.accepts(named)) throw invalid('images', violation('image', named, imageRule));
  const source = options.lock ? locked(named, options.lock) : named;
  const isOverride = override !== undefined;
  return {
    image: options.mirror && !isOverride ? mirrored(source, options.mirror) : source,
    source,
    isOverride,
    architectures: { ...DEFAULT_ARCHITECTURES, ...defined(options.architectures) },
  };
}

/** The version that a reference stands for, as a label holds it. */
export function imageVersion(reference: string): string {
  const [name = '', digest = ''] = reference.split('@sha256:');
  const [, tag] = /:([^/:]+)$/.exec(name) ?? [];
  return (tag ?? digest.slice(0, 12)).slice(0, 63);
}
