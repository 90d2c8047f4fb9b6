-- name: subscribe (text, text)
select stream.subscribe($1, $2) as id
