export { type AgentLayout, resolveAgentLayoutAndRegisterSecret } from './agent-layout';
export { convertScriptToSidecarWithoutProxy, EdgeAgent, type Sidecar } from './edge-agent';
