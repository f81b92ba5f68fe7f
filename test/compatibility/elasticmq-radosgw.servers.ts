import { elasticmq } from '../servers/elasticmq.ts'
import { radosgw } from '../servers/radosgw.ts'
import { suitesOn } from './suites.ts'

// What they do otherwise than AWS is told to users in docs/reference/servers.md.
suitesOn(radosgw, elasticmq, { stop: false, messageSize: false, endedLeases: false })
