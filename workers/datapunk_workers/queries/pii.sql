-- name: pii_settings ()
select p.model, p.least_score from lake.pii_settings() as p

-- name: claim_pii (int, int)
select c.item_id, c.revision, c.texts::text as texts from lake.claim_pii($1, $2) as c

-- name: store_pii (jsonb, text)
select lake.store_pii($1, $2) as stored

-- name: fail_pii (bigint, bigint, text)
select lake.fail_pii($1, $2, $3)

-- name: release_pii (bigint[])
select lake.release_pii($1)

-- name: enqueue_pii ()
select lake.enqueue_pii()
