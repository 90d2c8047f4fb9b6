-- Questions in Spanish for the subroutines; they are read as questions in Spanish are.
with given (subroutine, texts) as (
  values
    ('count', array[
      '¿Cuántos vídeos vi el invierno pasado?', 'Cuenta los correos de Sarah en mayo de 2019.',
      '¿Cuántas veces busqué recetas en 2018?', '¿Cuántas reuniones con Tom hubo la semana pasada?',
      '¿Cuántos días estuve en el foro en junio?', '¿Cuántas horas estuve en reuniones con Anna en 2017?',
      '¿Qué porcentaje de los vídeos fue de Guitar Corner?', '¿Cuántas visitas por semana de media?',
      '¿Cuántos canales distintos en mayo?', 'El número de citas sin las de Tom'
    ]),
    ('top', array[
      '¿Cuáles son mis tres canales preferidos?', '¿Quién me escribe más?', 'Los remitentes más frecuentes de 2018',
      '¿Con quién me reúno más a menudo?', 'La clasificación de los sitios del verano pasado',
      '¿A quién le escribí más correos?', '¿Qué búsquedas hago todo el tiempo?', 'El top 5 de mis canales en junio'
    ]),
    ('when', array[
      '¿Cuándo le escribí a Tom por primera vez?', '¿Desde cuándo veo Guitar Corner?',
      '¿Cuánto hace que fui al dentista?', '¿Cuándo es el cumpleaños de Anna?', '¿En qué fecha empezó el curso?',
      '¿Cuándo fui al cine la última vez?'
    ]),
    ('timeline', array[
      '¿Qué pasó el martes pasado?', 'Muéstrame el 3 de mayo de 2018.', '¿Qué hice la semana pasada?',
      'Cuéntame qué hice en Semana Santa.', '¿Qué citas hubo el 12 de junio de 2017?',
      '¿Cómo fue mi día el 5 de febrero de 2019?'
    ]),
    ('compare', array[
      '¿Busqué más en 2017 o en 2018?', 'Compara mis correos de mayo y de junio.', '¿Anna me escribe más que Tom?',
      '¿Qué visito más, el foro o el wiki?', '¿Más citas en primavera o en otoño?'
    ]),
    ('trend', array[
      '¿Cómo evolucionan mis búsquedas de mes en mes?', '¿Veo cada vez más vídeos?',
      'La evolución de mis correos por semana en 2018', '¿Mis citas suben o bajan?', 'Muestra las visitas por mes.'
    ]),
    ('search', array[
      '¿Qué hotel recomendó Anna en su correo?', '¿Cuánto cuesta la caldera nueva según el presupuesto?',
      '¿Cuál es la dirección del taller?', '¿Qué escribió Tom sobre el barco?',
      'Busca el mensaje con el código de la puerta.', '¿Quién tiene que traer el pastel?',
      '¿A qué hora empieza el concierto?'
    ]),
    ('people', array[
      '¿Con quién hablé de la tienda por correo?', '¿Quién estaba en la cena?', '¿Quién me escribió por lo del piso?',
      '¿Con quién estuve en Roma?', '¿Qué personas fueron a la excursión?'
    ]),
    ('places', array[
      '¿Dónde estuve más veces el año pasado?', '¿En qué lugares son mis reuniones?', '¿Qué lugares visito más?',
      'Mis lugares más frecuentes en 2018'
    ]),
    ('summarize', array[
      'Resume lo que escribió Anna en mayo.', '¿De qué tratan los correos de Tom?',
      'Un resumen de los mensajes de junio, por favor.',
      'Dame una visión general de los correos de la semana pasada.',
      '¿Cuáles son los puntos importantes de los correos de Sarah?'
    ]),
    ('similar', array[
      '¿Qué más hay como «Trenes nocturnos»?', 'Muéstrame algo parecido a «Trenes nocturnos».',
      'Encuentra lo que se parece a «Trenes nocturnos».'
    ]),
    ('next', array[
      '¿Qué tengo después?', '¿Cuál es mi próxima reunión?', '¿Qué hay previsto para mañana?',
      '¿Qué me queda por hacer hoy?'
    ]),
    ('recommend', array[
      '¿Qué vídeo me gustaría hoy?', '¿Qué puedo ver este fin de semana?', 'Propónme una película.',
      '¿Tienes una recomendación para mí?', 'Sugiéreme algo nuevo.'
    ]),
    ('forecast', array[
      '¿Cuántos correos recibiré la próxima semana?', 'La previsión de mis vídeos para el próximo mes',
      '¿Cuántas citas puedo esperar en mayo?', 'Haz un pronóstico de mis búsquedas.'
    ]),
    ('anomalies', array[
      '¿Qué días fueron inusuales?', '¿Hay anomalías en mis búsquedas?', '¿Hubo algo raro en mayo?'
    ]),
    ('sentiment', array[
      '¿Cuál es el ánimo de los correos de Anna?', '¿Son amables los correos de Tom?',
      '¿Qué tono tienen los mensajes de Sarah?', '¿Mis correos son más bien positivos o negativos?'
    ]),
    ('entities', array[
      '¿Qué nombres aparecen en los correos de mayo?', '¿Qué empresas se mencionan en los correos de Tom?',
      '¿Qué lugares nombra Anna en sus correos?'
    ]),
    ('predict', array[
      'Aplica mi modelo a «buenas tardes».', '¿Qué dice el modelo de «buenas tardes»?',
      '¿Cómo clasificaría el modelo «buenas tardes»?'
    ]),
    ('profile', array[
      '¿Cuáles son mis intereses?', '¿Quién soy según mis datos?',
      'Dame una visión general de todo lo que tienes de mí.', '¿Qué hay en mis datos?'
    ]),
    ('explain', array[
      '¿Por qué has respondido eso?', '¿De dónde sacas eso?', '¿Cómo lo sabes?', 'Explica tu última respuesta.'
    ]),
    ('remember', array[
      'Recuerda esto: mi bicicleta es azul.', 'Apunta que los jueves estoy libre.',
      'Acuérdate de que a Tom no le gusta el pescado.', 'Memoriza que me levanto a las ocho.'
    ]),
    ('forget', array[
      'Olvida mi bicicleta.', 'Borra la nota sobre Tom.', 'Olvida lo que te dije sobre los jueves.',
      'Elimina tu nota sobre el pescado.'
    ]),
    ('help', array[
      'Ayuda', '¿Qué clase de preguntas entiendes?', '¿Cómo funciona esto?', '¿Para qué me sirves?'
    ]),
    ('none', array[
      '¿A qué distancia está la Luna?', '¿Quién es el presidente del Gobierno?', 'Pon el despertador a las siete.',
      'Escríbeme un poema.', '¿Qué significa «carpe diem»?', 'Cierra la ventana.',
      '¿Cuántos habitantes tiene Portugal?', 'Llama a mi madre.', '¿Cuánto es 12 por 12?',
      '¿Quién escribió el Quijote?', '¿Cómo se hace el pan?', '¿Cuándo se inventó el teléfono?'
    ])
), wanted as (
  select g.subroutine, t.text
  from given as g
  cross join lateral unnest(g.texts) as t (text)
), gone as (
  delete from gaia.example as e
  where e.owner_id = 'system' and e.language = 'es'
    and not exists (select from wanted as w where w.subroutine = e.subroutine and w.text = e.text)
)
insert into gaia.example (owner_id, subroutine, text, source, language)
select 'system' as owner_id, w.subroutine, w.text, 'builtin' as source, 'es' as language
from wanted as w
on conflict on constraint example_text_uq do nothing;
