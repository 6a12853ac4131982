export type { Authentication, NodeCertificates } from './access/authentication';
export { basicAuth } from './access/basic-auth';
export { BasicAuthIngress } from './access/basic-auth-ingress';
export type { BasicAuthIngressProps } from './access/basic-auth-ingress-options';
export {
  type CertificateMetricsProps,
  certManagerMetrics,
  ingressNginxMetrics,
  traefikMetrics,
} from './access/certificate-metrics';
export type { CertificateReport } from './access/certificate-report';
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
export { type IngressNginxProps, ingressNginx, toNginxSize } from './access/ingress-nginx';
export { createIngress } from './access/ingress-object';
export type { Installation } from './access/installation';
export { type NodeCertificateProps, nodeCertificate } from './access/node-certificate';
export { type ProxyProps, proxy } from './access/proxy';
export type { SiteOption, SiteRule, SiteWork } from './access/site-options';
export { type TraefikProps, traefik } from './access/traefik';
export { type AlloyOptions, alloy } from './agents/alloy';
export { fluentBit } from './agents/fluent-bit';
export type * from './agents/log-agent';
export { promtail } from './agents/promtail';
export type { AlertName } from './charts/alert-names';
export { CloudChart, type CloudChartProps } from './charts/cloud-chart';
export type { Thresholds } from './charts/components';
export { EdgeChart, type EdgeChartProps } from './charts/edge-chart';
export type * from './charts/edge-settings';
export { environmentDashboards } from './charts/environment-dashboards';
export {
  type EnvironmentRules,
  type EnvironmentRulesProps,
  environmentRules,
} from './charts/environment-rules';
export { GitOpsChart, type GitOpsChartProps } from './charts/gitops-chart';
export { type FleetPlan, planFleet } from './charts/plan';
export type * from './charts/settings';
export type { Integration, IntegrationConfig, Route, Routing, TimeInterval } from './cloud/alertmanager';
export {
  Alertmanager,
  type AlertmanagerProps,
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
} from './cloud/alertmanager';
export type { EvaluationOptions, StoreQueryProps } from './cloud/evaluated-store';
export {
  DashboardResources,
  type DashboardResourcesProps,
  type ExternalDataSource,
  Grafana,
  type GrafanaIni,
  type GrafanaProps,
  type GrafanaSection,
  type GrafanaSettings,
  type SecretKey,
} from './cloud/grafana';
export { HostProbe, type HostProbeProps, type HostProbeSettings } from './cloud/host-probe';
export { KubeStateMetrics, type KubeStateMetricsProps } from './cloud/kube-state-metrics';
export { KubernetesTargets } from './cloud/kubernetes';
export { LogCollector, type LogCollectorProps } from './cloud/log-collector';
export type { LokiLimits, LokiSettings, LokiStackProps, MultiTenancy, StreamRetention } from './cloud/loki';
export {
  type LokiDeployment,
  LokiStack,
  type ReplicatedProps,
  replicated,
  type S3Storage,
  singleBinary,
} from './cloud/loki';
export type { MetricsGatewayProps, MetricsGatewaySettings } from './cloud/metrics-gateway';
export { type ExternalStoreProps, MetricsGateway, toRemoteWrite } from './cloud/metrics-gateway';
export type { MetricsStoreContext, MetricsStoreSettings, MetricsStoreType } from './cloud/metrics-store-type';
export { type LabeledGroup, NodeAdmission, type NodeAdmissionProps } from './cloud/node-admission';
export { NodeExporter, type NodeExporterProps } from './cloud/node-exporter';
export {
  Prometheus,
  type PrometheusProps,
  type PrometheusStoreOptions,
  prometheus,
  RuleResources,
  type RuleResourcesProps,
} from './cloud/prometheus';
export {
  type OperatedGrafana,
  type OperatedObject,
  type OperatedPrometheus,
  type PrometheusOperatorOptions,
  prometheusOperator,
} from './cloud/prometheus-operator';
export type {
  PushgatewayProps,
  PushgatewaySettings,
  PushLimitOptions,
  ReaperOptions,
  SharedPushgateway,
} from './cloud/pushgateway';
export { Pushgateway } from './cloud/pushgateway';
export { type RemoteStoreOptions, remoteStore } from './cloud/remote-store';
export type { PlannedCapacity } from './cloud/stack';
export { type VictoriaMetricsClusterOptions, victoriaMetricsCluster } from './cloud/victoria-metrics';
export type * from './contracts/alert-sink';
export type * from './contracts/credentials';
export type * from './contracts/dashboards';
export type * from './contracts/data-source';
export type * from './contracts/endpoint';
export type * from './contracts/log-sink';
export type * from './contracts/metrics-sink';
export type * from './contracts/metrics-store';
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
export type { CloudScheduling, Scheduling } from './core/scheduling';
export { shardOf, shardPath } from './core/shards';
export type { Cpu, Duration, Quantity } from './core/units';
export { InvalidOptionError } from './core/validation';
export type { Device, DevicePorts, HttpProxy } from './edge/daemon-set';
export { EdgeDaemonSet, type EdgeDaemonSetProps, type EdgeUpdateStrategy } from './edge/daemon-set';
export { edgeAlert } from './edge/edge-alert';
export { EdgeGroup, type EdgeGroupProps } from './edge/edge-group';
export type { ExporterTarget, InstanceLabel } from './edge/exporter';
export { EdgeExporter, type EdgeExporterOptions, type EdgeExporterProps } from './edge/exporter';
export type { EdgeLogCollectorProps, EdgeLogSettings } from './edge/log-collector';
export { EdgeLogCollector } from './edge/log-collector';
export type {
  EdgeAgentSettings,
  EdgeMetricsAgentProps,
  EdgeService,
  GroupAgentOptions,
  KubeletScrape,
  MetricsPushes,
  MetricsQueue,
  MetricsSending,
} from './edge/metrics-agent';
export { EdgeMetricsAgent } from './edge/metrics-agent';
export type { CustomProfile, MetricsProfile } from './edge/node-exporter';
export { EdgeNodeExporter, type EdgeNodeExporterProps } from './edge/node-exporter';
export type { RuledNodes } from './edge/ruled-nodes';
export type * from './fleet/fleet';
export type { NodeNeeds } from './fleet/uplink';
export {
  ArgoCdApplications,
  type ArgoCdApplicationsProps,
  type Destination,
} from './gitops/argo-cd-applications';
export { run } from './run';
export type { Environment } from './tools/synthesis/environment';
