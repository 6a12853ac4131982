export { BasicAuthIngress } from './access/basic-auth-ingress';
export type { BasicAuthIngressProps } from './access/basic-auth-ingress-options';
export {
  type CertificateMetricsProps,
  certManagerMetrics,
  ingressNginxMetrics,
  traefikMetrics,
} from './access/certificate-metrics';
export { type EnvoyGatewayProps, type ExistingGateway, envoyGateway } from './access/envoy-gateway';
export type { RateLimit } from './access/guard-options';
export {
  fromLoki,
  fromPushgateway,
  fromRemoteWrite,
  type ImportedPushgatewayProps,
  type ImportedRemoteWriteProps,
  type ImportedSinkProps,
} from './access/imported-sinks';
export type { IngressController, IngressSite, Tls } from './access/ingress-controller';
export { type IngressNginxProps, ingressNginx, nginxSize } from './access/ingress-nginx';
export { ingressObject } from './access/ingress-object';
export type { Installation } from './access/installation';
export { type ProxyProps, proxy } from './access/proxy';
export type { SiteOption, SiteRule, SiteWork } from './access/site-options';
export { type TraefikProps, traefik } from './access/traefik';
export { type AlloyOptions, alloy } from './agents/alloy';
export { fluentBit } from './agents/fluent-bit';
export type * from './agents/log-agent';
export { promtail } from './agents/promtail';
export { CloudChart, type CloudChartProps } from './charts/cloud-chart';
export { EdgeChart, type EdgeChartProps } from './charts/edge-chart';
export type * from './charts/edge-settings';
export { environmentDashboards } from './charts/environment-dashboards';
export {
  type EnvironmentRules,
  environmentRules,
  type RuledEnvironment,
  type Thresholds,
} from './charts/environment-rules';
export { GitOpsChart, type GitOpsChartProps } from './charts/gitops-chart';
export type * from './charts/settings';
export { Alertmanager, type AlertmanagerProps } from './cloud/alertmanager';
export type { Routing } from './cloud/alertmanager-config';
export type { PlannedCapacity } from './cloud/capacity.dashboard';
export { DashboardResources, type DashboardResourcesProps } from './cloud/dashboard-resources';
export { type ExternalStoreProps, toRemoteWrite } from './cloud/external-store';
export { Grafana, type GrafanaProps } from './cloud/grafana';
export { KubeStateMetrics, type KubeStateMetricsProps } from './cloud/kube-state-metrics';
export { KubernetesTargets } from './cloud/kubernetes-targets';
export { LogCollector, type LogCollectorProps } from './cloud/log-collector';
export type { StreamRetention } from './cloud/loki-config';
export {
  type LokiDeployment,
  type ReplicatedProps,
  replicated,
  type S3Storage,
  singleBinary,
} from './cloud/loki-deployment';
export type { LokiLimits } from './cloud/loki-limits';
export type { LokiStackProps } from './cloud/loki-options';
export { LokiStack } from './cloud/loki-stack';
export type { MultiTenancy } from './cloud/loki-tenants';
export { MetricsGateway } from './cloud/metrics-gateway';
export type { MetricsGatewayProps } from './cloud/metrics-gateway-options';
export { NodeExporter, type NodeExporterProps } from './cloud/node-exporter';
export { Prometheus, type PrometheusProps } from './cloud/prometheus';
export { Pushgateway } from './cloud/pushgateway';
export type { PushgatewayProps, PushLimitOptions, ReaperOptions } from './cloud/pushgateway-options';
export type { Integration, IntegrationConfig } from './cloud/receiver-fields';
export {
  type DingTalkProps,
  dingTalk,
  type EmailProps,
  email,
  pagerDuty,
  RECEIVERS_DIR,
  type Receiver,
  type ReceiverProps,
  type SlackProps,
  slack,
  type WeComProps,
  webhook,
  weCom,
  weComRobot,
} from './cloud/receivers';
export type { Route } from './cloud/route-rules';
export { RuleResources, type RuleResourcesProps } from './cloud/rule-resources';
export type { TimeInterval } from './cloud/time-interval-rules';
export type * from './contracts/alert-sink';
export type * from './contracts/credentials';
export type * from './contracts/dashboards';
export type * from './contracts/data-source';
export type * from './contracts/endpoint';
export type * from './contracts/log-sink';
export type * from './contracts/metrics-sink';
export type * from './contracts/network';
export type * from './contracts/remote-write-store';
export type * from './contracts/rules';
export type * from './contracts/scrape-target';
export type { UnnamedAlert } from './core/alerts';
export type { CloudNodes, Host } from './core/host';
export type { ImageLock } from './core/image-lock';
export { type ImageArchitectures, type ImageName, type ImageOptions, images } from './core/images';
export type { Toleration } from './core/kubernetes-rules';
export type { ImageMirror } from './core/mirrors';
export { panels } from './core/panels';
export type { Architecture } from './core/placement';
export { Platform } from './core/platform';
export type { Namespaces, PlatformProps, SecretStore } from './core/platform-options';
export { PodNamespace, type PodNamespaceProps } from './core/pod-namespace';
export type { ContainerSpec, Resources } from './core/pods';
export type { AlertOverride, RuleOptions } from './core/rule-set';
export { shardOf, shardPath } from './core/shards';
export type { Cpu, Duration, Quantity } from './core/units';
export { InvalidOptionError } from './core/validation';
export type { Device, DevicePorts } from './edge/device';
export { edgeAlert } from './edge/edge-alert';
export { EdgeDaemonSet, type EdgeDaemonSetProps, type EdgeUpdateStrategy } from './edge/edge-daemon-set';
export { EdgeExporter, type EdgeExporterOptions, type EdgeExporterProps } from './edge/edge-exporter';
export { EdgeGroup, type EdgeGroupProps } from './edge/edge-group';
export { EdgeLogCollector } from './edge/edge-log-collector';
export type { EdgeLogCollectorProps } from './edge/edge-log-collector-options';
export { EdgeMetricsAgent } from './edge/edge-metrics-agent';
export type { EdgeMetricsAgentProps, MetricsQueue, MetricsSending } from './edge/edge-metrics-agent-options';
export { EdgeNodeExporter, type EdgeNodeExporterProps } from './edge/edge-node-exporter';
export type { ExporterTarget } from './edge/exporter-targets';
export type { HttpProxy } from './edge/http-proxy';
export type { CustomProfile, MetricsProfile } from './edge/metrics-profile';
export type { InstanceLabel } from './edge/push-sidecar';
export type { RuledNodes } from './edge/ruled-nodes';
export type { EdgeService, KubeletScrape } from './edge/scrape-jobs';
export type * from './fleet/fleet';
export { type FleetPlan, planFleet } from './fleet/plan';
export type { NodeNeeds } from './fleet/uplink';
export {
  ArgoCdApplications,
  type ArgoCdApplicationsProps,
  type Destination,
} from './gitops/argo-cd-applications';
export { run } from './run';
export type { Environment } from './tools/synthesis/environment';
