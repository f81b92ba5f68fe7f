import { elasticmq } from '../servers/elasticmq.ts'
import { versitygw } from '../servers/versitygw.ts'
import { suitesOn } from './suites.ts'

// What they do otherwise than AWS is told to users in docs/reference/servers.md.
suitesOn(versitygw, elasticmq, {
  stop: false,
  nestedKeys: false,
  retention: false,
  messageSize: false,
  endedLeases: false,
})
