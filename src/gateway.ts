export { createGateway, type Gateway } from './gateway/create-gateway.ts'
export type { Scope } from './gateway/caller.ts'
export type { Connection } from './gateway/gateway-env.ts'
export type { GatewayOptions } from './gateway/gateway-options.ts'
