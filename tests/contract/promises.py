"""What clients rely on: names, arguments and result columns that may gain company at their ends, and never change."""

#: function: arguments and results, each `name type`; a `?` behind an argument says that it may be left out.
FUNCTIONS: dict[str, tuple[str, str]] = {
    "lake_import": (
        "content bytea, filename text, options jsonb?",
        "import_id uuid, status text, items_new bigint, items_seen bigint, rejects bigint, bytes bigint,"
        " seconds double precision, by_kind jsonb",
    ),
    "lake_import_path": (
        "path text, options jsonb?",
        "import_id uuid, status text, items_new bigint, items_seen bigint, rejects bigint, bytes bigint,"
        " seconds double precision, by_kind jsonb",
    ),
    "lake_append": ("records jsonb", "items_new integer, items_seen integer, rejects integer"),
    "lake_forget": ("filter jsonb", "items integer, chunks integer, answers integer, models_marked integer"),
    "cortex_embed": ("input text", "vector"),
    "cortex_embed_many": ("inputs text[]", "ordinal integer, embedding vector"),
    "cortex_search": (
        "query text, k integer?, options jsonb?",
        "item_id bigint, score double precision, lexical_rank integer, semantic_rank integer, kind text, source text,"
        " external_id text, occurred_at timestamp with time zone, title text, snippet text, url text",
    ),
    "cortex_similar": (
        "item_id bigint, k integer?",
        "item_id bigint, score double precision, lexical_rank integer, semantic_rank integer, kind text, source text,"
        " external_id text, occurred_at timestamp with time zone, title text, snippet text, url text",
    ),
    "cortex_context": ("question text, options jsonb?", "context text, citations jsonb, tokens integer"),
    "cortex_status": (
        "",
        "generation bigint, model text, dimensions integer, texts bigint, embedded bigint, pending bigint,"
        " failed bigint, oldest_pending interval, recall_at_10 double precision",
    ),
    "cortex_switch": ("model text, options jsonb?", "bigint"),
    "cortex_rollback": ("", "bigint"),
    "cortex_evaluate": ("qrels jsonb, options jsonb?", "metric text, value double precision"),
    "gaia_ask": ("question text, options jsonb?", "text"),
    "gaia_answer": (
        "question text, options jsonb?",
        "answer_id uuid, conversation_id uuid, answer text, route text, confidence real, citations jsonb, data jsonb,"
        " plan jsonb, latency_ms real",
    ),
    "gaia_ask_async": ("question text, options jsonb?", "bigint"),
    "gaia_result": (
        "job_id bigint",
        "job_id bigint, status text, answer_id uuid, conversation_id uuid, answer text, route text, confidence real,"
        " citations jsonb, data jsonb, plan jsonb, latency_ms real",
    ),
    "gaia_route": ("question text, options jsonb?", "subroutine text, score real"),
    "gaia_register": ("name text, handler text, description text, examples text[], options jsonb?", "bigint"),
    "gaia_unregister": ("name text", "boolean"),
    "gaia_feedback": ("answer_id uuid, rating integer, note text?", "boolean"),
    "gaia_trace": (
        "answer_id uuid",
        "ordinal integer, name text, started_ms real, duration_ms real, detail jsonb",
    ),
    "gaia_replay": (
        "answer_id uuid",
        "answer_id uuid, conversation_id uuid, answer text, route text, confidence real, citations jsonb, data jsonb,"
        " plan jsonb, latency_ms real, same boolean",
    ),
    "forge_train": ("model text, recipe text, dataset text, options jsonb?", "bigint"),
    "forge_wait": (
        "job_id bigint, timeout interval?",
        "job_id bigint, status text, model text, version integer, error text, seconds double precision",
    ),
    "forge_cancel": ("job_id bigint", "boolean"),
    "forge_predict": ("model text, features jsonb, options jsonb?", "jsonb"),
    "forge_score": (
        "model text, query text, options jsonb?",
        "key text, value double precision, label text, probability double precision",
    ),
    "forge_recommend": (
        "model text, subject text, k integer?, options jsonb?",
        "item text, score double precision, reason jsonb",
    ),
    "forge_forecast": (
        "model text, horizon integer, options jsonb?",
        "series text, at timestamp with time zone, value double precision, lower double precision,"
        " upper double precision",
    ),
    "forge_explain": (
        "model text, features jsonb, options jsonb?",
        "feature text, value text, contribution double precision",
    ),
    "forge_deploy": ("model text, version integer, options jsonb?", "integer"),
    "forge_rollback": ("model text", "integer"),
    "forge_card": ("model text, version integer?", "text"),
    "forge_drop": ("model text", "boolean"),
    "stream_publish": ("topic text, payload jsonb", "bigint"),
    "stream_subscribe": ("pattern text, handler text", "bigint"),
    "ops_health": ("", "component text, status text, detail text"),
}

VIEWS = (
    "items", "visits", "searches", "watches", "messages", "mails", "events", "places", "documents", "notes",
    "highlights", "contacts", "app_uses", "purchases", "security_events", "photos", "tasks", "positions", "movements",
    "measurements", "imports", "rejects", "ignored",
    "subroutines", "examples", "answers", "citations", "conversations", "notes_to_gaia",
    "recipes", "jobs", "runs", "metrics", "models", "model_versions", "deployments", "predictions", "datasets",
    "features",
    "settings", "audit", "metrics_now",
)  # fmt: skip

#: Columns that questions, recipes and examples of the documentation name.
COLUMNS = {"examples": ("subroutine", "text", "source")}
