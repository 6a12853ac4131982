export { type AgentLayout, resolveLayoutAndRegisterCredentials } from './agent-layout';
export { EdgeAgent, type Sidecar, scriptToSidecarWithoutProxy } from './edge-agent';
