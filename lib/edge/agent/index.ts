export { type AgentLayout, resolveLayoutAndRegisterCredentials } from './agent-layout';
export { EdgeAgent, type Sidecar, sidecarFromScript } from './edge-agent';
