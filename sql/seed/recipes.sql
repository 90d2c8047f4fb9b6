-- What every recipe takes comes first; a recipe's own entry of the same name goes before it.
insert into forge.recipe (name, summary, output, options)
select r.name, r.summary, r.output, c.options || r.options as options
from (values (
'{
  "target": {"type": "text", "meaning": "Column to predict, where the recipe predicts one."},
  "time": {"type": "text", "meaning": "Column that says when; rows are split by it where split is time."},
  "group": {"type": "text", "meaning": "Column whose rows stay together where split is group."},
  "key": {"type": "text", "meaning": "Column that names the rows; never learned from."},
  "split": {"type": "text", "allowed": ["time", "random", "group"], "meaning": "How rows are held out for the metrics."},
  "test_size": {"type": "number", "default": 0.2, "minimum": 0.05, "maximum": 0.5, "meaning": "Share of the rows that is held out."},
  "folds": {"type": "integer", "default": 3, "minimum": 2, "maximum": 20, "meaning": "Folds of the cross-validation that compares models, where the recipe compares."},
  "trials": {"type": "integer", "default": 0, "minimum": 0, "maximum": 1000, "meaning": "Parameter settings that a search tries; 0 takes sound defaults."},
  "as_of": {"type": "instant", "meaning": "Nothing of the lake is read that came later, as a time from read_at of the view datasets: what was read then is read again."},
  "pii": {"type": "text", "allowed": ["report", "mask", "drop", "refuse"], "default": "report", "meaning": "What becomes of columns with mail addresses, telephone numbers, cards, accounts, documents or network addresses: report names them in the checks, mask hides these within the texts that are learned from, drop leaves the columns out, refuse ends the training."},
  "seed": {"type": "integer", "default": 0, "minimum": 0, "maximum": 2147483647, "meaning": "Seed of all random numbers; the same data and seed give the same metrics."},
  "timeout": {"type": "integer", "default": 3600, "minimum": 1, "maximum": 86400, "meaning": "Seconds that an attempt may take."},
  "memory_mb": {"type": "integer", "default": 2048, "minimum": 128, "maximum": 1048576, "meaning": "Memory that an attempt may use, in MiB."},
  "cpus": {"type": "integer", "default": 1, "minimum": 1, "maximum": 256, "meaning": "Threads that an attempt may use."},
  "priority": {"type": "integer", "default": 0, "minimum": -100, "maximum": 100, "meaning": "Higher goes first among your own jobs."},
  "retrain": {"type": "object", "meaning": "When it is trained again by itself.", "fields": {"rows": {"type": "integer", "minimum": 1, "maximum": 1000000000}, "every": {"type": "interval", "minimum": 1}, "drift": {"type": "number", "minimum": 0.01, "maximum": 100}}},
  "max_retries": {"type": "integer", "default": 3, "minimum": 0, "maximum": 10, "meaning": "Further attempts after one that can succeed when it is made again, as when its worker went away."},
  "deploy": {"type": "text", "allowed": ["best", "always", "never"], "default": "best", "meaning": "When the version is deployed: best means that it passes the gate against the deployed one on the same rows."}
}'::jsonb
)) as c (options)
cross join (values
(
  'classifier',
  'A label from a row of a table: the best of several estimators beside the majority. Dataset: features, target.',
  'label',
  '{
  "target": {"type": "text", "meaning": "Column to predict; target or label unless given."},
  "exclude": {"type": "texts", "meaning": "Columns that are not learned from."},
  "family": {"type": "text", "allowed": ["auto", "linear", "tree", "forest", "extra_trees", "boosting"], "default": "auto", "meaning": "Kind of estimator; auto compares all of them but tree, a single one that can be read, by cross-validation."},
  "embedder": {"type": "text", "default": "all-MiniLM-L6-v2", "meaning": "Model that embeds the columns that hold language."},
  "search_rows": {"type": "integer", "default": 20000, "minimum": 100, "maximum": 10000000, "meaning": "Rows that models are compared on; the chosen one learns from all."},
  "early_stop": {"type": "boolean", "default": true, "meaning": "Whether boosting ends when a tenth of the rows, kept aside, gets no better."},
  "refit": {"type": "boolean", "default": false, "meaning": "Whether the measured model is trained once more on all rows; else what was measured is served."},
  "leakage": {"type": "text", "allowed": ["error", "drop", "keep"], "default": "error", "meaning": "What becomes of a column that repeats the target: error ends the training, drop leaves it out, keep learns from it. One that tells nearly all of it by itself is named in the checks, and left out by drop alone."},
  "metric": {"type": "text", "allowed": ["accuracy", "macro_f1", "roc_auc", "log_loss"], "default": "accuracy", "meaning": "What models are compared by."},
  "balanced": {"type": "boolean", "default": false, "meaning": "Whether rare labels weigh as much as common ones."},
  "calibration": {"type": "text", "allowed": ["none", "sigmoid"], "default": "none", "meaning": "Whether probabilities are calibrated on cross-validated scores (Platt 1999)."}
}'::jsonb
),
(
  'regressor',
  'A number from a row of a table: the best of several estimators, beside mean and median. Dataset: features, target.',
  'value',
  '{
  "target": {"type": "text", "meaning": "Column to predict; target or label unless given."},
  "exclude": {"type": "texts", "meaning": "Columns that are not learned from."},
  "family": {"type": "text", "allowed": ["auto", "linear", "tree", "forest", "extra_trees", "boosting"], "default": "auto", "meaning": "Kind of estimator; auto compares all of them but tree, a single one that can be read, by cross-validation."},
  "embedder": {"type": "text", "default": "all-MiniLM-L6-v2", "meaning": "Model that embeds the columns that hold language."},
  "search_rows": {"type": "integer", "default": 20000, "minimum": 100, "maximum": 10000000, "meaning": "Rows that models are compared on; the chosen one learns from all."},
  "early_stop": {"type": "boolean", "default": true, "meaning": "Whether boosting ends when a tenth of the rows, kept aside, gets no better."},
  "refit": {"type": "boolean", "default": false, "meaning": "Whether the measured model is trained once more on all rows; else what was measured is served."},
  "leakage": {"type": "text", "allowed": ["error", "drop", "keep"], "default": "error", "meaning": "What becomes of a column that repeats the target: error ends the training, drop leaves it out, keep learns from it. One that tells nearly all of it by itself is named in the checks, and left out by drop alone."},
  "metric": {"type": "text", "allowed": ["r2", "mae"], "default": "r2", "meaning": "What models are compared by."}
}'::jsonb
),
(
  'anomaly_detector',
  'How unusual a row is: isolation forest, tails, distances, densities, or what went before. Dataset: features.',
  'score',
  '{
  "target": {"type": "text", "meaning": "Column that says which rows are anomalies, where known; only measured with."},
  "exclude": {"type": "texts", "meaning": "Columns that are not learned from."},
  "family": {"type": "text", "allowed": ["auto", "ensemble", "isolation_forest", "ecod", "knn", "lof", "rolling", "seasonal"], "default": "auto", "meaning": "Kind of detector; auto takes rolling for a time with one number, else ensemble, the largest of isolation_forest, knn (distance to the fifth nearest row) and the mean of isolation_forest and ecod (how rare the values are, column by column), each in its standard deviations; rolling holds each value against those before it, seasonal against its hour, weekday and month alone; lof (local outlier factor) is for clouds of different density."},
  "contamination": {"type": "number", "default": 0.01, "minimum": 0.0001, "maximum": 0.5, "meaning": "Share of the rows learned from that counts as anomalies: sets the threshold of is_anomaly, but of rolling."},
  "threshold": {"type": "number", "minimum": 0.0001, "maximum": 1000000, "meaning": "Score from which a row is an anomaly, instead of contamination; 7 standard deviations unless given, of rolling."},
  "quiet": {"type": "integer", "minimum": 0, "maximum": 1000000, "meaning": "Rows after an anomaly whose score counts half and at most half the threshold, of rolling, so that one event is one alarm; a fifth of the rows unless given, at most 150."},
  "embedder": {"type": "text", "default": "all-MiniLM-L6-v2", "meaning": "Model that embeds the columns that hold language."}
}'::jsonb
),
(
  'clusterer',
  'Groups of rows that are alike, told in words: k-means or HDBSCAN, beside shuffled columns. Dataset: features.',
  'label',
  '{
  "exclude": {"type": "texts", "meaning": "Columns that are not learned from."},
  "family": {"type": "text", "allowed": ["kmeans", "hdbscan"], "default": "kmeans", "meaning": "Way to group; hdbscan finds how many there are; a row goes to the nearest centre of the rows that it finds together."},
  "k": {"type": "integer", "minimum": 2, "maximum": 100, "meaning": "Number of clusters of kmeans; the one from 2 to 12 with the best silhouette unless given."},
  "min_size": {"type": "integer", "minimum": 2, "maximum": 1000000, "meaning": "Rows that make a cluster of hdbscan; a hundredth unless given."},
  "embedder": {"type": "text", "default": "all-MiniLM-L6-v2", "meaning": "Model that embeds the columns that hold language."}
}'::jsonb
),
(
  'embedder',
  'The default embedding model tuned on pairs of texts, beside that model itself. Dataset: text, text, optional score.',
  'vector',
  '{
  "target": {"type": "text", "meaning": "Column that says how much a pair belongs together; the first number unless given, all the same without."},
  "epochs": {"type": "integer", "default": 1, "minimum": 1, "maximum": 20, "meaning": "Passes over the pairs."},
  "batch": {"type": "integer", "default": 32, "minimum": 4, "maximum": 512, "meaning": "Pairs in a step; without scores each is told from the others of its batch."},
  "learning_rate": {"type": "number", "default": 0.00002, "minimum": 0.0000001, "maximum": 0.01, "meaning": "Length of the first steps."},
  "memory_mb": {"type": "integer", "default": 4096, "minimum": 128, "maximum": 1048576, "meaning": "Memory that an attempt may use, in MiB."}
}'::jsonb
),
(
  'entity_recognizer',
  'Names in texts: a spaCy pipeline, beside a dictionary of the names it was shown. Dataset: text, entities.',
  'entities',
  '{
  "text": {"type": "text", "default": "text", "meaning": "Column that holds the text."},
  "target": {"type": "text", "default": "entities", "meaning": "Column with the entities as JSON: start, end (in characters) and label of each."},
  "iterations": {"type": "integer", "default": 30, "minimum": 1, "maximum": 500, "meaning": "Passes over the rows at most; it ends when a tenth of them, kept aside, gets no better."}
}'::jsonb
),
(
  'forecaster',
  'What comes next in each series, with intervals: exponential smoothing, Theta, ARIMA. Dataset: time, value, series.',
  'forecast',
  '{
  "target": {"type": "text", "meaning": "Column that is forecast; the first number unless given."},
  "time": {"type": "text", "meaning": "Column that says when; else the first timestamp column."},
  "group": {"type": "text", "meaning": "Column that names the series; else the first text column; one series without."},
  "frequency": {"type": "text", "allowed": ["auto", "minute", "hour", "day", "week", "month", "quarter", "year"], "default": "auto", "meaning": "Step of the series; auto tells it from the times."},
  "aggregate": {"type": "text", "allowed": ["mean", "sum", "count"], "default": "mean", "meaning": "What becomes of several rows in a step; steps without any are interpolated, or 0 with sum and count."},
  "horizon": {"type": "integer", "minimum": 1, "maximum": 1000, "meaning": "Steps ahead that are forecast: 48 hours, 28 days, 13 weeks, 18 months, 8 quarters or 6 years unless given."},
  "season": {"type": "integer", "minimum": 1, "maximum": 400, "meaning": "Steps after which a series repeats itself: 24 hours, 7 days, 52 weeks, 12 months or 4 quarters unless given."},
  "family": {"type": "text", "allowed": ["auto", "ets", "theta", "arima", "mstl", "seasonal_average", "seasonal_naive"], "default": "auto", "meaning": "Kind of model; auto compares them, and their median, on earlier windows of each series: mstl (by day and week) of hours, arima where the season is of twelve steps or fewer, the mean of the latest seasons where it is longer."},
  "folds": {"type": "integer", "default": 3, "minimum": 1, "maximum": 20, "meaning": "Windows of the horizon''s length: the last measures, earlier ones choose the model and set the intervals."},
  "country": {"type": "text", "meaning": "Country whose public holidays daily series follow, as in CH or CH-ZH; none unless given."},
  "history": {"type": "integer", "default": 1000, "minimum": 20, "maximum": 100000, "meaning": "Latest steps of a series that are learned from."}
}'::jsonb
),
(
  'next_event',
  'What comes next, where and when, from what came before: beside the most frequent. Dataset: time, what, where, who.',
  'label',
  '{
  "time": {"type": "text", "meaning": "Column that says when; else the first timestamp column."},
  "target": {"type": "text", "meaning": "Column that says what; else the first text column."},
  "where": {"type": "text", "meaning": "Column that says where; not predicted unless given."},
  "subject": {"type": "text", "meaning": "Column that says who; one person''s events unless given."},
  "family": {"type": "text", "allowed": ["auto", "linear", "forest", "extra_trees", "boosting"], "default": "auto", "meaning": "Kind of estimator; auto compares all of them on earlier windows."},
  "early_stop": {"type": "boolean", "default": true, "meaning": "Whether boosting ends when a tenth of the rows, kept aside, gets no better."},
  "refit": {"type": "boolean", "default": true, "meaning": "Whether the measured models are trained once more on all events, the latest included."},
  "embedder": {"type": "text", "default": "all-MiniLM-L6-v2", "meaning": "Not used by this recipe."}
}'::jsonb
),
(
  'recommender',
  'What goes with what was had: item weights by EASE, beside popularity. Dataset: subject, item, time.',
  'ranking',
  '{
  "subject": {"type": "text", "meaning": "Column that says who; the first one unless given."},
  "item": {"type": "text", "meaning": "Column that says what; the second one unless given."},
  "time": {"type": "text", "meaning": "Column that says when; else the first timestamp column."},
  "weight": {"type": "text", "meaning": "Column that says how much; all rows count the same unless given."},
  "session": {"type": "text", "default": "auto", "meaning": "With one subject only (a person''s own data), rows without a longer pause than this belong together, as in 8 hours; auto takes 8 hours, none never splits."},
  "max_items": {"type": "integer", "default": 4000, "minimum": 10, "maximum": 20000, "meaning": "Items that are learned, the most common first; memory grows with its square."},
  "family": {"type": "text", "allowed": ["ease", "item_knn", "als", "content", "hybrid", "auto"], "default": "ease", "meaning": "Where the weights come from: EASE, co-occurrence, factors by alternating least squares, the items'' contents, or EASE with contents; auto compares the first three."},
  "content": {"type": "text", "meaning": "Column that describes the item, for content and hybrid; the item''s name unless given."},
  "embedder": {"type": "text", "default": "all-MiniLM-L6-v2", "meaning": "Model that embeds contents."},
  "neighbours": {"type": "integer", "default": 200, "minimum": 1, "maximum": 1000, "meaning": "Neighbours kept for each item."},
  "regularization": {"type": "number", "minimum": 0.001, "meaning": "Strength of the L2 penalty; chosen on held-out data unless given."},
  "split": {"type": "text", "allowed": ["time", "random"], "default": "time", "meaning": "How pairs are held out for the metrics."}
}'::jsonb
),
(
  'text_classifier',
  'A label for a text: logistic regression on meaning and wording, beside the majority label. Dataset: text, label.',
  'label',
  '{
  "text": {"type": "text", "default": "text", "meaning": "Column that holds the text."},
  "target": {"type": "text", "default": "label", "meaning": "Column that holds the label."},
  "embedder": {"type": "text", "default": "all-MiniLM-L6-v2", "meaning": "Model that embeds the texts."},
  "balanced": {"type": "boolean", "default": false, "meaning": "Whether rare labels weigh as much as common ones."},
  "wording": {"type": "boolean", "default": true, "meaning": "Whether words and parts of words count beside what the text means."},
  "split": {"type": "text", "allowed": ["time", "random"], "default": "random", "meaning": "How rows are held out for the metrics; time takes the last ones in the order of the query."}
}'::jsonb
),
(
  'sentiment',
  'The tone of a text: linear head on embeddings, beside a lexicon that also names the tone where no label is given.',
  'label',
  '{
  "text": {"type": "text", "default": "text", "meaning": "Column that holds the text."},
  "target": {"type": "text", "default": "label", "meaning": "Column that holds the label."},
  "embedder": {"type": "text", "default": "all-MiniLM-L6-v2", "meaning": "Model that embeds the texts."},
  "balanced": {"type": "boolean", "default": false, "meaning": "Whether rare labels weigh as much as common ones."},
  "wording": {"type": "boolean", "default": true, "meaning": "Whether words and parts of words count beside what the text means."},
  "split": {"type": "text", "allowed": ["time", "random"], "default": "random", "meaning": "How rows are held out for the metrics; time takes the last ones in the order of the query."}
}'::jsonb
),
(
  'router',
  'Which subroutine of Gaia a question is for, or none: logistic regression on meaning and wording; may be tuned.',
  'label',
  '{
  "text": {"type": "text", "default": "text", "meaning": "Column that holds the text."},
  "target": {"type": "text", "default": "subroutine", "meaning": "Column that holds the subroutine, none for what is out of scope."},
  "embedder": {"type": "text", "default": "all-MiniLM-L6-v2", "meaning": "Model that embeds the texts."},
  "split": {"type": "text", "allowed": ["time", "random"], "default": "random", "meaning": "How rows are held out for the metrics; time takes the last ones in the order of the query."}
}'::jsonb
)
) as r (name, summary, output, options)
on conflict (name) do update
  set summary = excluded.summary, output = excluded.output, options = excluded.options;
