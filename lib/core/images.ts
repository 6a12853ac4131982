import { image as imageRule } from './option-rules';
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

/** How images are named where the cluster does not pull from the public registries. */
export interface ImageOptions {
  /**
   * A registry, with an optional path, that replaces the host of every image:
   * `quay.io/prometheus/prometheus:v3.14.0` becomes `<mirror>/prometheus/prometheus:v3.14.0`.
   * @default - the public registries
   */
  readonly mirror?: string;
  /**
   * Other images, by name. They are taken as they are, without the mirror.
   * @default - the images of this release
   */
  readonly overrides?: Readonly<Partial<Record<ImageName, string>>>;
}

/**
 * The image to run for a name of the stack, or for a full reference of an exporter of your own.
 *
 * @throws InvalidOptionError when the reference has no tag, or the tag `latest`.
 */
export function resolveImage(nameOrReference: string, options: ImageOptions): string {
  const override = options.overrides?.[nameOrReference as ImageName];
  const reference = override ?? images[nameOrReference as ImageName] ?? nameOrReference;
  if (!imageRule.accepts(reference)) throw invalid('images', violation('image', reference, imageRule));
  return options.mirror && !override ? mirrored(reference, options.mirror) : reference;
}

/** The version that a reference stands for, as a label holds it. */
export function imageVersion(reference: string): string {
  const [name = '', digest = ''] = reference.split('@sha256:');
  const [, tag] = /:([^/:]+)$/.exec(name) ?? [];
  return (tag ?? digest.slice(0, 12)).slice(0, 63);
}

/** Where a mirror has an image: the host is another, and the rest stays. */
export function mirrored(reference: string, mirror: string): string {
  return `${mirror}/${reference.slice(reference.indexOf('/') + 1)}`;
}
